import { isSame } from '../names.js';
import { byId, h, icon } from './dom.js';
import { avatar } from './rows.js';

const mostListed = 200;

/** Who is in the current room, and who is typing there. */
export class Members {
  #list = byId('member-list');
  #button = byId('open-members');
  #typing = byId('typing');
  #drawn = '';

  constructor() {
    byId('close-members').append(icon('close'));
  }

  draw(room, user) {
    const drawn = room ? [room.name, room.people.version, user].join() : '';
    if (drawn === this.#drawn)
      return;
    this.#drawn = drawn;
    this.#button.hidden = !room;
    if (!room)
      return this.#list.replaceChildren();
    const { members, online, typing } = room.people;
    this.#button.replaceChildren(icon('people'), h('span', {}, String(online)), h('span', { class: 'unseen' }, online === 1 ? ' member' : ' members'));
    byId('members-title').textContent = online === 1 ? '1 member' : `${online} members`;
    const listed = members.slice(0, mostListed);
    const more = online - listed.length;
    this.#list.replaceChildren(
      ...listed.map(name => h('li', {}, avatar(name), h('bdi', { class: 'author' }, name), isSame(name, user) ? h('span', { class: 'you' }, 'you') : null)),
      ...(more > 0 && listed.length > 0 ? [h('li', { class: 'more' }, `and ${more} more`)] : []));
    this.#drawTyping([...typing.keys()]);
  }

  #drawTyping(names) {
    const sentence = names.length === 0 ? []
      : names.length === 1 ? [h('bdi', {}, names[0]), ' is typing…']
      : names.length === 2 ? [h('bdi', {}, names[0]), ' and ', h('bdi', {}, names[1]), ' are typing…']
      : ['Several people are typing…'];
    this.#typing.replaceChildren(...(sentence.length > 0 ? [dots(), h('span', {}, ...sentence)] : []));
  }
}

function dots() {
  return h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
}
