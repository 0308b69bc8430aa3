// Who is in the current room, and who is typing there.

import { isSame } from '../names.js';
import { byId, h, icon } from './dom.js';
import { avatar } from './rows.js';

const mostListed = 200;

const list = byId('member-list');
const opener = byId('open-members');
const typingLine = byId('typing');
let drawnAs = '';

export function start() {
  byId('close-members').append(icon('close'));
}

export function draw(room, user) {
  const drawn = room ? [room.name, room.people.version, user].join() : '';
  if (drawn === drawnAs)
    return;
  drawnAs = drawn;
  opener.hidden = !room;
  if (!room)
    return list.replaceChildren();
  const { members, online, typing } = room.people;
  opener.replaceChildren(icon('people'), h('span', {}, String(online)), h('span', { class: 'unseen' }, online === 1 ? ' member' : ' members'));
  byId('members-title').textContent = online === 1 ? '1 member' : `${online} members`;
  const listed = members.slice(0, mostListed);
  const more = online - listed.length;
  list.replaceChildren(
    ...listed.map(name => h('li', {}, avatar(name), h('bdi', { class: 'author' }, name), isSame(name, user) ? h('span', { class: 'you' }, 'you') : null)),
    ...(more > 0 && listed.length > 0 ? [h('li', { class: 'more' }, `and ${more} more`)] : []));
  drawTyping([...typing.keys()]);
}

function drawTyping(names) {
  const sentence = names.length === 0 ? []
    : names.length === 1 ? [h('bdi', {}, names[0]), ' is typing…']
    : names.length === 2 ? [h('bdi', {}, names[0]), ' and ', h('bdi', {}, names[1]), ' are typing…']
    : ['Several people are typing…'];
  typingLine.replaceChildren(...(sentence.length > 0 ? [dots(), h('span', {}, ...sentence)] : []));
}

function dots() {
  return h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
}
