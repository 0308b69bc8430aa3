// The messages of the current room: a window onto the log that is moved by scrolling. At the end it follows what is said; away
// from it, what the reader looks at stays where it is.

import { isSame } from '../names.js';
import { rowsOf } from '../rows.js';
import { button, byId, h, icon, reconcile, sign } from './dom.js';
import { makeRow } from './rows.js';

const shownAtFirst = 150;
const step = 100;
// The most messages that have nodes: what is farther away has none.
const most = 400;
const near = 400;

const scroller = byId('scroller');
const list = byId('timeline');
const head = byId('timeline-top');
const newer = byId('newer');
const rowNodes = new Map();
let on;
let current;
let drawnAs = '';
let from = 0;
let to = Infinity;
let follows = true;
let newAfter = null;
let leftAt = 0;
let lastTop = 0;

export function start(handlers) {
  on = handlers;
  scroller.addEventListener('scroll', scrolled, { passive: true });
  newer.addEventListener('click', toEnd);
  new ResizeObserver(stick).observe(scroller);
  new ResizeObserver(stick).observe(list);
}

/** What is said last is in sight. */
export function isAtEnd() {
  return follows;
}

export function toEnd() {
  follows = true;
  to = Infinity;
  from = seqFromEnd(shownAtFirst);
  on.moved();
}

/** Draws what changed; all of it happens within one frame. */
export function draw(room, user) {
  if (room !== current)
    enter(room);
  if (!room) {
    newer.hidden = true;
    return;
  }
  room.isReadBack = !follows;
  const { log } = room;
  if (follows && log.messages.length - startIndex() > 2 * shownAtFirst)
    from = seqFromEnd(shownAtFirst);
  else if (endIndex() - startIndex() > most)
    to = log.messages[startIndex() + most - 1].seq;
  const drawn = [log.version, log.epoch, from, to, newAfter, room.isLoading, room.membership, user].join();
  if (drawn !== drawnAs) {
    drawnAs = drawn;
    keepingPlace(() => redraw(room, user));
  }
  offerEnd(log);
  load();
}

function enter(room) {
  if (current)
    current.isReadBack = false;
  current = room;
  rowNodes.clear();
  list.replaceChildren();
  follows = true;
  to = Infinity;
  from = 0;
  drawnAs = '';
  if (!room) {
    head.replaceChildren(h('div', { class: 'beginning' },
      sign(),
      h('h2', {}, 'You are in no room'),
      h('p', {}, 'Enter one that there is, or make one of your own.'),
      button({ class: 'primary', onclick: on.find }, 'Find or make a room')));
    return;
  }
  newAfter = room.unread > 0 ? room.seen : null;
  from = seqFromEnd(shownAtFirst);
}

function redraw(room, user) {
  const rows = rowsOf(room, { start: startIndex(), end: endIndex(), newAfter }, author => isSame(author, user));
  reconcile(list, rows, rowNodes, row => makeRow(row, {
    user,
    onretry: message => on.retry(room, message),
    ondiscard: message => on.discard(room, message),
  }));
  drawHead(room);
}

function drawHead(room) {
  const isBeginning = startIndex() === 0 && !room.log.more && room.log.epoch !== null;
  const isEmpty = isBeginning && room.log.last === 0 && room.outgoing.length === 0;
  if (room.membership === 'out') {
    head.replaceChildren(h('p', { class: 'refusal' }, `You are not in this room any more. ${room.refusal ?? ''} `,
      button({ onclick: () => on.rejoin(room) }, 'Try again')));
  } else if (isBeginning) {
    head.replaceChildren(h('div', { class: 'beginning' },
      sign(),
      h('h2', {}, h('bdi', {}, room.name)),
      h('p', {}, isEmpty ? 'Nobody has said anything here yet. Say hello!' : 'This is where the room begins.')));
  } else {
    head.replaceChildren(h('p', { class: 'loading' }, room.log.epoch === null && room.membership !== 'live' ? 'Loading messages…' : room.isLoading ? 'Loading older messages…' : ''));
  }
}

function keepingPlace(change) {
  const anchor = follows ? null : firstInSight();
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (follows)
    stick();
  else if (anchor?.isConnected)
    scroller.scrollTop += anchor.getBoundingClientRect().top - before;
}

function firstInSight() {
  const top = scroller.getBoundingClientRect().top;
  const nodes = list.children;
  let low = 0;
  let high = nodes.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].getBoundingClientRect().bottom > top)
      high = middle;
    else
      low = middle + 1;
  }
  return nodes[low] ?? null;
}

function stick() {
  if (!follows)
    return;
  scroller.scrollTop = scroller.scrollHeight;
  lastTop = scroller.scrollTop;
}

function scrolled() {
  const { scrollTop, scrollHeight, clientHeight } = scroller;
  // Only who scrolls up leaves the end: it also moves away when the message field grows.
  const isUp = scrollTop < lastTop;
  lastTop = scrollTop;
  const isEnd = to === Infinity && (scrollHeight - scrollTop - clientHeight < 40 || follows && !isUp);
  if (isEnd === follows && scrollTop > near && scrollHeight - scrollTop - clientHeight > near)
    return;
  if (follows && !isEnd)
    leftAt = current?.log.last ?? 0;
  follows = isEnd;
  on.moved();
}

// Moves the window, or asks for more, where the reader comes near its ends.
function load() {
  const room = current;
  const { scrollTop, scrollHeight, clientHeight } = scroller;
  const { messages } = room.log;
  if (scrollTop < near) {
    const start = startIndex();
    if (start > 0) {
      from = messages[Math.max(0, start - step)].seq;
      on.moved();
    } else if (room.log.more && !room.isLoading) {
      from = 0;
      on.older(room);
    }
  }
  if (to !== Infinity && scrollHeight - scrollTop - clientHeight < near) {
    const end = Math.min(messages.length, endIndex() + step);
    to = end === messages.length ? Infinity : messages[end - 1].seq;
    if (end - startIndex() > most)
      from = messages[end - most].seq;
    on.moved();
  }
}

function offerEnd(log) {
  newer.hidden = follows;
  if (follows)
    return;
  let fresh = 0;
  for (let i = log.messages.length - 1; i >= 0 && log.messages[i].seq > leftAt; i--)
    fresh++;
  const label = fresh === 0 ? 'To the newest' : fresh === 1 ? '1 new message' : `${fresh} new messages`;
  if (newer.textContent !== label)
    newer.replaceChildren(icon('down'), label);
}

function startIndex() {
  return from === 0 ? 0 : indexAfter(from - 1);
}

function endIndex() {
  return to === Infinity ? current.log.messages.length : indexAfter(to);
}

function seqFromEnd(count) {
  const messages = current?.log.messages ?? [];
  return messages.length <= count ? 0 : messages[messages.length - count].seq;
}

// The index of the first message beyond a seq.
function indexAfter(seq) {
  const { messages } = current.log;
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].seq > seq)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}
