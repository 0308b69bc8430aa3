import { hashOf } from '../names.js';
import { Banners } from './banners.js';
import { Composer } from './composer.js';
import { byId, h, icon } from './dom.js';
import { Drawers } from './drawers.js';
import { Ended } from './ended.js';
import { Entrance } from './entrance.js';
import { Herald } from './herald.js';
import { Members } from './members.js';
import { Sidebar } from './sidebar.js';
import { Switcher } from './switcher.js';
import { Timeline } from './timeline.js';

/** All that is seen. Drawn from the session as it stands; what the user does goes to the handlers. */
export class Screen {
  #handlers;
  #entrance;
  #timeline;
  #composer;
  #sidebar;
  #members = new Members();
  #banners;
  #switcher;
  #ended;
  #herald = new Herald();
  #drawers = new Drawers();
  #session = null;
  #room = null;

  constructor(handlers) {
    this.#handlers = handlers;
    this.#entrance = new Entrance(handlers);
    this.#timeline = new Timeline({ ...handlers, onfind: () => this.#findRoom() });
    this.#composer = new Composer({
      onsend: (room, text) => {
        this.#timeline.toEnd();
        handlers.onsend(room, text);
      },
      ontyped: handlers.ontyped,
    });
    this.#sidebar = new Sidebar({ onlogout: handlers.onlogout, onchanged: handlers.onmoved });
    this.#banners = new Banners(handlers);
    this.#switcher = new Switcher(handlers);
    this.#ended = new Ended(handlers);
    byId('leave').append(icon('leave'));
    byId('leave').addEventListener('click', () => this.#room && handlers.onleave(this.#room));
    byId('find-room').addEventListener('click', () => this.#findRoom());
    byId('skip').addEventListener('click', event => {
      event.preventDefault();
      this.#composer.focus();
    });
    document.addEventListener('keydown', event => this.#key(event));
  }

  get isAtEnd() {
    return this.#timeline.isAtEnd;
  }

  draw(session, { pageVersion, name, room }) {
    const isInside = session !== null && session.link.phase !== 'refused' && (session.link.isReturning || session.link.phase === 'ended');
    byId('chat').hidden = byId('skip').hidden = !isInside;
    this.#session = isInside ? session : null;
    if (!isInside) {
      this.#entrance.show({ name, room, hasRooms: session !== null && session.link.isReturning });
      this.#entrance.draw(session?.link ?? null);
      document.title = 'Chat';
      this.#room = null;
      return;
    }
    this.#entrance.hide();
    const current = session.current;
    this.#sidebar.draw(session);
    this.#banners.draw(session.link, pageVersion);
    this.#drawBar(current);
    this.#timeline.draw(current, session.user);
    this.#composer.draw(current, session.limits.messageCharacters);
    this.#members.draw(current, session.user);
    this.#herald.draw(session);
    this.#switcher.refresh();
    this.#ended.draw(session.link);
    if (current !== this.#room)
      this.#moved(current);
  }

  #moved(room) {
    this.#room = room;
    this.#drawers.close();
    // On a phone that would bring up the keyboard unasked.
    if (room && !matchMedia('(pointer: coarse)').matches)
      this.#composer.focus();
  }

  #drawBar(room) {
    const title = byId('title');
    if (title.dataset.room === (room?.name ?? '') && title.hasChildNodes())
      return;
    title.dataset.room = room?.name ?? '';
    title.replaceChildren(...(room ? [h('span', { class: 'sign', 'aria-hidden': 'true' }, '#'), h('bdi', {}, room.name)] : ['No room']));
    byId('leave').hidden = !room;
    byId('leave').title = room ? `Leave ${room.name}` : '';
    byId('leave').setAttribute('aria-label', `Leave the room ${room?.name ?? ''}`);
    byId('main').classList.toggle('has-room', room !== null);
  }

  #findRoom() {
    if (!this.#session)
      return;
    this.#drawers.close();
    this.#handlers.onrooms();
    this.#switcher.open(this.#session);
  }

  #key(event) {
    if (!this.#session || document.querySelector('dialog[open]'))
      return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      this.#findRoom();
    } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      this.#neighbour(event.key === 'ArrowUp' ? -1 : 1);
    } else if (event.key === 'Escape' && !this.#drawers.close()) {
      this.#timeline.toEnd();
      this.#composer.focus();
    }
  }

  #neighbour(step) {
    const rooms = [...this.#session.rooms.values()];
    const at = rooms.indexOf(this.#room);
    if (rooms.length > 1)
      location.assign(hashOf(rooms[(at + step + rooms.length) % rooms.length].name));
  }
}
