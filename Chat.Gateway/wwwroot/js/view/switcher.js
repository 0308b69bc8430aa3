import { fold } from '../names.js';
import { byId, h } from './dom.js';

const mostOffered = 50;

/** Goes to a room by its name: one of one's own, another one, or one that isn't there yet. */
export class Switcher {
  #dialog = byId('switcher');
  #query = byId('switcher-query');
  #list = byId('switcher-list');
  #onchosen;
  #session = null;
  #offered = [];
  #active = 0;

  constructor({ onchosen }) {
    this.#onchosen = onchosen;
    this.#query.addEventListener('input', () => this.#draw(0));
    this.#query.addEventListener('keydown', event => this.#key(event));
    this.#dialog.addEventListener('click', event => {
      if (event.target === this.#dialog)
        this.#dialog.close();
    });
  }

  open(session) {
    if (this.#dialog.open)
      return;
    this.#session = session;
    this.#query.value = '';
    this.#dialog.showModal();
    this.#draw(0);
  }

  /** The rooms may have changed meanwhile. */
  refresh() {
    if (this.#dialog.open)
      this.#draw(this.#active);
  }

  #draw(active) {
    const { rooms, others } = this.#session;
    const query = fold(this.#query.value.trim().replace(/^#/u, ''));
    const all = [...rooms.keys(), ...others.rooms.filter(name => !rooms.has(name))];
    const found = all.filter(name => name.includes(query))
      .sort((a, b) => Number(b.startsWith(query)) - Number(a.startsWith(query)))
      .slice(0, mostOffered);
    this.#offered = found.map(name => ({ name, note: rooms.has(name) ? 'joined' : `${others.online[name] ?? 0} online` }));
    if (query !== '' && !all.includes(query))
      this.#offered.push({ name: query, note: 'make this room', isNew: true });
    this.#active = Math.min(active, Math.max(0, this.#offered.length - 1));
    this.#list.replaceChildren(...this.#offered.map(({ name, note, isNew }, i) => h('li', {
      id: `offer-${i}`, role: 'option', 'aria-selected': String(i === this.#active), class: isNew && 'is-new', onclick: () => this.#choose(i),
    }, h('span', { class: 'sign', 'aria-hidden': 'true' }, isNew ? '+' : '#'), h('bdi', { class: 'name' }, name), h('span', { class: 'note' }, note))));
    this.#query.setAttribute('aria-activedescendant', this.#offered.length > 0 ? `offer-${this.#active}` : '');
    this.#list.children[this.#active]?.scrollIntoView({ block: 'nearest' });
  }

  #key(event) {
    const count = this.#offered.length;
    if (event.isComposing || count === 0)
      return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.#draw((this.#active + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#choose(this.#active);
    }
  }

  #choose(i) {
    this.#dialog.close();
    this.#onchosen(this.#offered[i].name);
  }
}
