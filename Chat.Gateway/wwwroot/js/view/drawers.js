import { byId, icon } from './dom.js';

// As in app.css: there is room for the members beside the messages.
const wide = matchMedia('(min-width: 68rem)');

/** The rooms and the members where they have no place of their own: they slide in over the messages, one at a time. */
export class Drawers {
  #chat = byId('chat');
  #scrim = byId('scrim');
  #openSidebar = byId('open-sidebar');
  #openMembers = byId('open-members');
  #opener = null;

  constructor() {
    this.#openSidebar.append(icon('menu'));
    this.#openSidebar.addEventListener('click', () => this.#open('sidebar', this.#openSidebar));
    this.#openMembers.addEventListener('click', () => this.#toggleMembers());
    byId('close-members').addEventListener('click', () => wide.matches ? this.#toggleMembers() : this.close());
    this.#scrim.addEventListener('click', () => this.close());
    wide.addEventListener('change', () => this.close());
    this.#tell();
  }

  /** True where one was open. */
  close() {
    if (!this.#opener)
      return false;
    this.#chat.classList.remove('shows-sidebar', 'shows-members');
    this.#scrim.hidden = true;
    const opener = this.#opener;
    this.#opener = null;
    this.#tell();
    opener.focus();
    return true;
  }

  #open(which, opener) {
    this.#chat.classList.add(`shows-${which}`);
    this.#scrim.hidden = false;
    this.#opener = opener;
    this.#tell();
    byId(which).querySelector('a, button')?.focus();
  }

  #toggleMembers() {
    if (!wide.matches)
      return this.#open('members', this.#openMembers);
    this.#chat.classList.toggle('hides-members');
    this.#tell();
  }

  #tell() {
    this.#openSidebar.setAttribute('aria-expanded', String(this.#chat.classList.contains('shows-sidebar')));
    const hasMembers = wide.matches ? !this.#chat.classList.contains('hides-members') : this.#chat.classList.contains('shows-members');
    this.#openMembers.setAttribute('aria-expanded', String(hasMembers));
  }
}
