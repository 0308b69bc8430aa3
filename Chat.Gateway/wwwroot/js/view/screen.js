// All that is seen. It is drawn from the session as it stands; what the user does goes to the handlers.

import { hashOf } from '../names.js';
import * as banners from './banners.js';
import * as composer from './composer.js';
import { byId, h, icon, sign } from './dom.js';
import * as drawers from './drawers.js';
import * as ended from './ended.js';
import * as entrance from './entrance.js';
import * as herald from './herald.js';
import * as members from './members.js';
import * as sidebar from './sidebar.js';
import * as switcher from './switcher.js';
import * as timeline from './timeline.js';

export { isAtEnd } from './timeline.js';

const title = byId('title');
const leave = byId('leave');
let on;
let inside = null;
let shown = null;

export function start(handlers) {
  on = {
    ...handlers,
    find: findRoom,
    send: (room, text) => {
      timeline.toEnd();
      handlers.send(room, text);
    },
  };
  for (const part of [banners, composer, drawers, ended, entrance, members, sidebar, switcher, timeline])
    part.start(on);
  leave.append(icon('leave'));
  leave.addEventListener('click', () => shown && on.leave(shown));
  byId('find-room').addEventListener('click', findRoom);
  byId('skip').addEventListener('click', event => {
    event.preventDefault();
    composer.focus();
  });
  document.addEventListener('keydown', pressed);
}

export function draw(session, { pageVersion, name, room }) {
  const isInside = session !== null && session.link.phase !== 'refused' && (session.link.isReturning || session.link.phase === 'ended');
  byId('chat').hidden = byId('skip').hidden = !isInside;
  inside = isInside ? session : null;
  if (!isInside) {
    shown = null;
    document.title = 'Chat';
    entrance.show({ name, room, hasRooms: session !== null && session.link.isReturning });
    entrance.draw(session?.link ?? null);
    return;
  }
  const { current, link, user } = session;
  entrance.hide();
  sidebar.draw(session);
  banners.draw(link, pageVersion);
  drawBar(current);
  timeline.draw(current, user);
  composer.draw(current, session.limits.messageCharacters);
  members.draw(current, user);
  herald.draw(session);
  switcher.refresh();
  ended.draw(link);
  if (current !== shown)
    moved(current);
}

function moved(room) {
  shown = room;
  drawers.close();
  // On a phone that would bring up the keyboard unasked.
  if (room && !matchMedia('(pointer: coarse)').matches)
    composer.focus();
}

function drawBar(room) {
  const name = room?.name ?? '';
  if (title.hasChildNodes() && title.dataset.room === name)
    return;
  title.dataset.room = name;
  title.replaceChildren(...(room ? [sign(), h('bdi', {}, name)] : ['No room']));
  leave.hidden = !room;
  leave.title = `Leave the room ${name}`;
  leave.setAttribute('aria-label', leave.title);
  byId('main').classList.toggle('has-room', room !== null);
}

function findRoom() {
  drawers.close();
  on.rooms();
  switcher.open(inside);
}

function pressed(event) {
  if (!inside || document.querySelector('dialog[open]'))
    return;
  const isArrow = event.key === 'ArrowUp' || event.key === 'ArrowDown';
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    findRoom();
  } else if (event.altKey && isArrow) {
    event.preventDefault();
    toNeighbour(event.key === 'ArrowUp' ? -1 : 1);
  } else if (event.key === 'Escape' && !drawers.close()) {
    timeline.toEnd();
    composer.focus();
  }
}

function toNeighbour(step) {
  const rooms = [...inside.rooms.values()];
  if (rooms.length > 1)
    location.assign(hashOf(rooms[(rooms.indexOf(shown) + step + rooms.length) % rooms.length].name));
}
