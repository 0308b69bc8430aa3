import { byId, icon } from './dom.js';

/** The field in which messages are written; each room has its own draft. */
export class Composer {
  #field = byId('message');
  #counter = byId('counter');
  #send = byId('send');
  #handlers;
  #room = null;
  #name;
  #limit = 4000;

  constructor(handlers) {
    this.#handlers = handlers;
    this.#send.append(icon('send'));
    byId('composer').addEventListener('submit', event => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.ctrlKey || event.isComposing)
        return;
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('input', () => this.#typed());
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  draw(room, limit) {
    this.#limit = limit;
    const isAnother = room !== this.#room;
    if (!isAnother && room?.name === this.#name)
      return;
    this.#room = room;
    this.#name = room?.name;
    this.#field.disabled = !room;
    this.#field.placeholder = room ? `Message #${room.name}` : '';
    this.#field.setAttribute('aria-label', room ? `Message to ${room.name}` : 'Message');
    if (!isAnother)
      return;
    this.#field.value = room?.draft ?? '';
    this.#fit();
  }

  #typed() {
    if (!this.#room)
      return;
    this.#room.draft = this.#field.value;
    this.#fit();
    this.#handlers.ontyped(this.#room, this.#field.value.trim() !== '');
  }

  #submit() {
    const text = this.#field.value.trim();
    if (!this.#room || text === '' || this.#excess(text) > 0)
      return;
    this.#field.value = '';
    this.#room.draft = '';
    this.#fit();
    this.#handlers.onsend(this.#room, text);
  }

  // The server counts Unicode scalars; to count them takes a while only near the limit.
  #excess(text) {
    return text.length <= this.#limit ? text.length - this.#limit : [...text].length - this.#limit;
  }

  #fit() {
    const text = this.#field.value.trim();
    const excess = this.#excess(text);
    this.#counter.textContent = excess > 0 ? `${excess} too many` : excess > -200 ? `${-excess} left` : '';
    this.#counter.classList.toggle('is-over', excess > 0);
    this.#send.disabled = text === '' || excess > 0;
    if (CSS.supports('field-sizing', 'content'))
      return;
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
