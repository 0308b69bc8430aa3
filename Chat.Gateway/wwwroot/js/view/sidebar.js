// The rooms, those of one's own and the others, and who one is.

import { hashOf } from '../names.js';
import { browser } from '../store.js';
import { avatar } from './rows.js';
import { button, byId, h, icon, sign } from './dom.js';

const mostOthers = 30;
const themes = ['system', 'light', 'dark'];

const joinedList = byId('joined');
const othersList = byId('others');
const me = byId('me');
let on;
let drawnAs = '';
let drawnMeAs = '';

export function start(handlers) {
  on = handlers;
}

export function draw(session) {
  const rooms = [...session.rooms.values()];
  const others = session.others.rooms.filter(name => !session.rooms.has(name)).slice(0, mostOthers);
  const drawn = JSON.stringify([
    rooms.map(room => [room.name, room === session.current, room.unread, room.isMentioned, room.isSending, room.draft !== '']),
    others.map(name => [name, session.others.online[name]]),
  ]);
  if (drawn !== drawnAs) {
    drawnAs = drawn;
    const focused = document.activeElement?.closest('.sidebar a')?.hash;
    joinedList.replaceChildren(...rooms.map(room => joinedItem(room, room === session.current)));
    othersList.replaceChildren(...others.map(name => otherItem(name, session.others.online[name] ?? 0)));
    byId('others-title').hidden = others.length === 0;
    [...byId('sidebar').querySelectorAll('a')].find(link => link.hash === focused)?.focus();
  }
  drawMe(session.link);
}

function drawMe({ user, phase }) {
  const theme = document.documentElement.dataset.theme ?? 'system';
  const drawn = [user, phase, theme].join();
  if (drawn === drawnMeAs)
    return;
  drawnMeAs = drawn;
  const state = phase === 'online' ? 'Connected' : phase === 'waiting' ? 'Reconnecting' : 'Connecting';
  const focused = document.activeElement?.id;
  me.replaceChildren(
    avatar(user),
    h('div', { class: 'who' }, h('bdi', { class: 'author' }, user), h('span', { class: `state is-${phase}` }, state)),
    button({
      id: 'theme', class: 'icon', title: `Colours: ${theme}`, 'aria-label': `Colours: ${theme}. Change`,
      onclick: () => {
        setTheme(themes[(themes.indexOf(theme) + 1) % themes.length]);
        on.moved();
      },
    }, icon(theme)),
    button({ id: 'logout', class: 'icon', title: 'Leave the chat', 'aria-label': 'Leave the chat', onclick: on.logOut }, icon('power')));
  if (focused === 'theme')
    byId('theme').focus();
}

function setTheme(theme) {
  browser.set('theme', theme === 'system' ? null : theme);
  if (theme === 'system')
    delete document.documentElement.dataset.theme;
  else
    document.documentElement.dataset.theme = theme;
}

function joinedItem(room, isCurrent) {
  const classes = [isCurrent && 'is-current', room.unread > 0 && 'is-unread', room.isMentioned && 'is-named'].filter(Boolean).join(' ');
  return h('li', {}, h('a', { href: hashOf(room.name), class: classes, 'aria-current': isCurrent && 'page' },
    sign(),
    h('bdi', { class: 'name' }, room.name),
    room.isSending ? h('span', { class: 'busy', role: 'img', 'aria-label': 'Sending', title: 'Sending' }, icon('sending'))
      : room.draft !== '' && !isCurrent ? h('span', { class: 'draft' }, 'Draft') : null,
    room.unread > 0 ? h('span', { class: 'count' }, String(room.unread), h('span', { class: 'unseen' }, room.isMentioned ? ' unread, you are named' : ' unread')) : null));
}

function otherItem(name, online) {
  return h('li', {}, h('a', { href: hashOf(name) },
    sign(),
    h('bdi', { class: 'name' }, name),
    online > 0 ? h('span', { class: 'online' }, String(online), h('span', { class: 'unseen' }, ' online')) : null));
}
