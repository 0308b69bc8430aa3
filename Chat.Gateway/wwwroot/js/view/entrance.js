import { byId } from './dom.js';

/** Where a name is chosen, and what became of it is told. */
export class Entrance {
  #name = byId('name');
  #room = byId('room');
  #token = byId('token');
  #problem = byId('entrance-problem');
  #button = byId('enter');
  #shown = false;
  #linked = null;
  #drawn = null;

  constructor({ onenter }) {
    byId('entrance-form').addEventListener('submit', event => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name === '') {
        this.#say('Choose a name first.');
        this.#name.focus();
        return;
      }
      const isAsked = !byId('token-field').hidden;
      onenter(name, this.#room.value.trim().replace(/^#/u, ''), isAsked ? this.#token.value : null);
    });
  }

  show({ name, room, hasRooms }) {
    if (this.#shown && room !== this.#linked)
      [this.#linked, this.#room.value] = [room, room ?? 'general'];
    if (this.#shown)
      return;
    this.#shown = true;
    this.#linked = room;
    byId('entrance').hidden = false;
    this.#name.value = name ?? '';
    this.#room.value = room ?? 'general';
    byId('room-field').hidden = hasRooms;
    (name ? this.#button : this.#name).focus();
  }

  hide() {
    this.#shown = false;
    this.#drawn = null;
    byId('entrance').hidden = true;
  }

  /** Tells how the login stands; null where none has been tried. */
  draw(link) {
    const isBusy = link !== null && ['opening', 'loggingIn', 'waiting'].includes(link.phase);
    this.#button.disabled = isBusy;
    this.#button.textContent = isBusy ? 'Joining…' : 'Join';
    if (link?.phase === 'waiting')
      this.#say(`${link.reason} Next try in ${Math.max(0, Math.ceil((link.until - Date.now()) / 1000))} s.`);
    else if (isBusy)
      this.#say('');
    if (link?.phase !== 'refused' || this.#drawn === link.error)
      return;
    this.#drawn = link.error;
    const { code, message, retryAfter } = link.error;
    this.#say(code === 'bad_token' && link.token === null ? '' : message + (retryAfter ? ` It may be free again in about ${Math.ceil(retryAfter / 1000)} s.` : ''));
    if (code === 'bad_token') {
      byId('token-field').hidden = false;
      this.#token.value = '';
      this.#token.focus();
    } else {
      this.#name.focus();
      this.#name.select();
    }
  }

  #say(problem) {
    if (this.#problem.textContent !== problem)
      this.#problem.textContent = problem;
  }
}
