import { hashOf } from '../names.js';
import { browser } from '../store.js';
import { avatar } from './rows.js';
import { byId, h, icon } from './dom.js';

const mostOthers = 30;
const themes = ['system', 'light', 'dark'];

/** The rooms, those of one's own and the others, and who one is. */
export class Sidebar {
  #joined = byId('joined');
  #others = byId('others');
  #me = byId('me');
  #handlers;
  #drawn = '';
  #drawnMe = '';

  constructor(handlers) {
    this.#handlers = handlers;
  }

  draw(session) {
    const rooms = [...session.rooms.values()];
    const others = session.others.rooms.filter(name => !session.rooms.has(name)).slice(0, mostOthers);
    const drawn = JSON.stringify([
      rooms.map(room => [room.name, room === session.current, room.unread, room.isMentioned, room.isSending, room.draft !== '']),
      others.map(name => [name, session.others.online[name]]),
    ]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      const focused = document.activeElement?.closest?.('.sidebar a')?.getAttribute('href');
      this.#joined.replaceChildren(...rooms.map(room => joinedItem(room, room === session.current)));
      this.#others.replaceChildren(...others.map(name => otherItem(name, session.others.online[name] ?? 0)));
      byId('others-title').hidden = others.length === 0;
      if (focused)
        byId('sidebar').querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    }
    this.#drawMe(session.link);
  }

  #drawMe({ user, phase }) {
    const theme = document.documentElement.dataset.theme ?? 'system';
    const drawn = [user, phase, theme].join();
    if (drawn === this.#drawnMe)
      return;
    this.#drawnMe = drawn;
    const state = phase === 'online' ? 'Connected' : phase === 'waiting' ? 'Reconnecting' : 'Connecting';
    const focused = document.activeElement?.id;
    this.#me.replaceChildren(
      avatar(user),
      h('div', { class: 'who' }, h('bdi', { class: 'author' }, user), h('span', { class: `state is-${phase}` }, state)),
      h('button', {
        id: 'theme', class: 'icon', type: 'button', title: `Colours: ${theme}`, 'aria-label': `Colours: ${theme}. Change`,
        onclick: () => {
          setTheme(themes[(themes.indexOf(theme) + 1) % themes.length]);
          this.#handlers.onchanged();
        },
      }, icon(theme)),
      h('button', { id: 'logout', class: 'icon', type: 'button', title: 'Leave the chat', 'aria-label': 'Leave the chat', onclick: () => this.#handlers.onlogout() }, icon('leave')));
    if (focused === 'theme')
      byId('theme').focus();
  }
}

function setTheme(theme) {
  browser.set('theme', theme === 'system' ? null : theme);
  if (theme === 'system')
    delete document.documentElement.dataset.theme;
  else
    document.documentElement.dataset.theme = theme;
}

function joinedItem(room, isCurrent) {
  const unread = room.unread > 999 ? '999+' : String(room.unread);
  const classes = [isCurrent && 'is-current', room.unread > 0 && 'is-unread', room.isMentioned && 'is-named'].filter(Boolean).join(' ');
  return h('li', {}, h('a', { href: hashOf(room.name), class: classes, 'aria-current': isCurrent && 'page' },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, '#'),
    h('bdi', { class: 'name' }, room.name),
    room.isSending ? h('span', { class: 'busy', role: 'img', 'aria-label': 'Sending', title: 'Sending' }, icon('sending'))
      : room.draft !== '' && !isCurrent ? h('span', { class: 'draft' }, 'Draft') : null,
    room.unread > 0 ? h('span', { class: 'count' }, unread, h('span', { class: 'unseen' }, room.isMentioned ? ' unread, you are named' : ' unread')) : null));
}

function otherItem(name, online) {
  return h('li', {}, h('a', { href: hashOf(name) },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, '#'),
    h('bdi', { class: 'name' }, name),
    online > 0 ? h('span', { class: 'online' }, String(online), h('span', { class: 'unseen' }, ' online')) : null));
}
