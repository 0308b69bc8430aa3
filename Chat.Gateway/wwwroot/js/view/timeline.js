import { isSame } from '../names.js';
import { rowsOf } from '../rows.js';
import { byId, h, icon, reconcile } from './dom.js';
import { makeRow } from './rows.js';

const shownAtFirst = 150;
const step = 100;
// The most messages that have nodes: what is farther away has none.
const most = 400;
const near = 400;

/**
 * The messages of the current room: a window onto the log that is moved by scrolling. At the end it follows what is said; away
 * from it, what the reader looks at stays where it is.
 */
export class Timeline {
  #scroller = byId('scroller');
  #list = byId('timeline');
  #top = byId('timeline-top');
  #newer = byId('newer');
  #nodes = new Map();
  #handlers;
  #room;
  #drawn = '';
  #from = 0;
  #to = Infinity;
  #follows = true;
  #newAfter = null;
  #leftAt = 0;
  #lastTop = 0;

  constructor(handlers) {
    this.#handlers = handlers;
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#newer.addEventListener('click', () => this.toEnd());
    new ResizeObserver(() => this.#stick()).observe(this.#scroller);
    new ResizeObserver(() => this.#stick()).observe(this.#list);
  }

  /** What is said last is in sight. */
  get isAtEnd() {
    return this.#follows;
  }

  toEnd() {
    this.#follows = true;
    this.#to = Infinity;
    this.#from = this.#seqFromEnd(shownAtFirst);
    this.#handlers.onmoved();
  }

  /** Draws what changed; all of it happens within one frame. */
  draw(room, user) {
    if (room !== this.#room)
      this.#enter(room);
    if (!room) {
      this.#newer.hidden = true;
      return;
    }
    room.isReadBack = !this.#follows;
    const { log } = room;
    if (this.#follows && log.messages.length - this.#start() > 2 * shownAtFirst)
      this.#from = this.#seqFromEnd(shownAtFirst);
    if (!this.#follows && this.#to === Infinity && log.messages.length - this.#start() > most)
      this.#to = log.last;
    const drawn = [log.version, log.epoch, this.#from, this.#to, this.#newAfter, room.isLoading, room.membership, user].join();
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#keepingPlace(() => this.#redraw(room, user));
    }
    this.#offerEnd(log);
    this.#load();
  }

  #enter(room) {
    this.#room = room;
    this.#nodes.clear();
    this.#list.replaceChildren();
    this.#follows = true;
    this.#to = Infinity;
    this.#from = 0;
    this.#drawn = '';
    if (!room) {
      this.#top.replaceChildren(h('div', { class: 'beginning' },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, '#'),
        h('h2', {}, 'You are in no room'),
        h('p', {}, 'Enter one that there is, or make one of your own.'),
        h('button', { class: 'primary', type: 'button', onclick: () => this.#handlers.onfind() }, 'Find or make a room')));
      return;
    }
    this.#newAfter = room.unread > 0 ? room.seen : null;
    this.#from = this.#seqFromEnd(shownAtFirst);
  }

  #redraw(room, user) {
    const start = this.#start();
    const end = this.#to === Infinity ? room.log.messages.length : this.#indexAfter(this.#to);
    const rows = rowsOf(room, { start, end, newAfter: this.#newAfter }, author => isSame(author, user));
    reconcile(this.#list, rows, this.#nodes, row => makeRow(row, {
      user,
      onretry: message => this.#handlers.onretry(room, message),
      ondiscard: message => this.#handlers.ondiscard(room, message),
    }));
    this.#drawTop(room, start);
  }

  #drawTop(room, start) {
    const isBeginning = start === 0 && !room.log.more && room.log.epoch !== null;
    const isEmpty = isBeginning && room.log.last === 0 && room.outgoing.length === 0;
    if (room.membership === 'out') {
      this.#top.replaceChildren(h('p', { class: 'refusal' }, `You are not in this room any more. ${room.refusal ?? ''} `,
        h('button', { type: 'button', onclick: () => this.#handlers.onrejoin(room) }, 'Try again')));
    } else if (isBeginning) {
      this.#top.replaceChildren(h('div', { class: 'beginning' },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, '#'),
        h('h2', {}, h('bdi', {}, room.name)),
        h('p', {}, isEmpty ? 'Nobody has said anything here yet. Say hello!' : 'This is where the room begins.')));
    } else {
      this.#top.replaceChildren(h('p', { class: 'loading' }, room.log.epoch === null && room.membership !== 'live' ? 'Loading messages…' : room.isLoading ? 'Loading older messages…' : ''));
    }
  }

  #keepingPlace(change) {
    const anchor = this.#follows ? null : this.#firstInSight();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (this.#follows)
      this.#stick();
    else if (anchor?.isConnected)
      this.#scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  #firstInSight() {
    const top = this.#scroller.getBoundingClientRect().top;
    const nodes = this.#list.children;
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

  #stick() {
    if (!this.#follows)
      return;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#lastTop = this.#scroller.scrollTop;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    // Only who scrolls up leaves the end: it also moves away when the message field grows.
    const isUp = scrollTop < this.#lastTop;
    this.#lastTop = scrollTop;
    const isAtEnd = this.#to === Infinity && (scrollHeight - scrollTop - clientHeight < 40 || this.#follows && !isUp);
    if (isAtEnd === this.#follows && scrollTop > near && scrollHeight - scrollTop - clientHeight > near)
      return;
    if (this.#follows && !isAtEnd)
      this.#leftAt = this.#room?.log.last ?? 0;
    this.#follows = isAtEnd;
    this.#handlers.onmoved();
  }

  // Moves the window, or asks for more, where the reader comes near its ends.
  #load() {
    const room = this.#room;
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const { messages } = room.log;
    if (scrollTop < near) {
      const start = this.#start();
      if (start > 0) {
        this.#from = messages[Math.max(0, start - step)].seq;
        if (!this.#follows && this.#end() - this.#start() > most)
          this.#to = messages[this.#start() + most - 1].seq;
        this.#handlers.onmoved();
      } else if (room.log.more && !room.isLoading) {
        this.#from = 0;
        this.#handlers.onolder(room);
      }
    }
    if (this.#to !== Infinity && scrollHeight - scrollTop - clientHeight < near) {
      const end = Math.min(messages.length, this.#end() + step);
      this.#to = end === messages.length ? Infinity : messages[end - 1].seq;
      if (end - this.#start() > most)
        this.#from = messages[end - most].seq;
      this.#handlers.onmoved();
    }
  }

  #offerEnd(log) {
    this.#newer.hidden = this.#follows;
    if (this.#follows)
      return;
    let fresh = 0;
    for (let i = log.messages.length - 1; i >= 0 && log.messages[i].seq > this.#leftAt; i--)
      fresh++;
    const label = fresh === 0 ? 'To the newest' : fresh === 1 ? '1 new message' : `${fresh} new messages`;
    if (this.#newer.textContent !== label)
      this.#newer.replaceChildren(icon('down'), label);
  }

  #start() {
    return this.#from === 0 ? 0 : this.#indexAfter(this.#from - 1);
  }

  #end() {
    return this.#to === Infinity ? this.#room.log.messages.length : this.#indexAfter(this.#to);
  }

  #seqFromEnd(count) {
    const messages = this.#room?.log.messages ?? [];
    return messages.length <= count ? 0 : messages[messages.length - count].seq;
  }

  // The index of the first message beyond a seq.
  #indexAfter(seq) {
    const { messages } = this.#room.log;
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
}
