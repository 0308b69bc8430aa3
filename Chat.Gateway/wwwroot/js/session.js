import { take } from './intake.js';
import { Link } from './link.js';
import { fold } from './names.js';
import { Requests } from './requests.js';
import { Room } from './room.js';

const typingEvery = 3_000;
const whoEvery = 5_000;

/**
 * The page's side of `chat.v1` as a state machine: what happened goes in with the time, what to do comes out of `take`, and what
 * there is to see stands in `link`, `rooms` and `others`. No DOM, no socket, no clock.
 */
export class Session {
  link;
  /** The rooms that the user wants to be in, by their names, in the order in which they were joined. */
  rooms = new Map();
  current = null;
  /** The rooms that there are, as the server last told. */
  others = { rooms: [], online: {} };
  limits = { messageCharacters: 4000, unansweredRequests: 64 };
  notices = [];

  #outputs = [];
  requests;
  #newId;
  #pumpAt = Infinity;

  constructor({ user, session, token, newId, random }) {
    this.#newId = newId;
    this.link = new Link({ user, session, token, random }, output => this.#outputs.push(output));
    this.requests = new Requests(frame => this.#outputs.push({ send: frame }));
  }

  get user() {
    return this.link.user;
  }

  get due() {
    return Math.min(this.link.due, this.#pumpAt, this.current?.people.due ?? Infinity);
  }

  /** What is to be done since the last call: `{ open }`, `{ send: frame }`, `{ close: code }`. */
  take() {
    return this.#outputs.splice(0);
  }

  start(now) {
    this.link.start(now);
  }

  stop() {
    this.link.stop();
  }

  tryNow(now) {
    this.link.tryNow(now);
  }

  // From the connection.

  opened(now) {
    this.link.opened(now);
  }

  lost(code, now) {
    if (this.link.lost(code, now))
      this.#disconnected();
  }

  tick(now) {
    if (this.link.tick(now))
      this.#disconnected();
    this.current?.people.tick(now);
    this.#pump(now);
  }

  received(event, now) {
    this.link.heard(now);
    if (this.link.phase === 'loggingIn') {
      if (this.link.answered(event, now))
        this.limits = { ...this.limits, ...event.limits };
    } else if (this.link.isOnline) {
      take(this, event, now);
    }
    this.#pump(now);
  }

  // From the user.

  /** Joins the room, or finds it among those that are. */
  join(name, now) {
    const known = this.rooms.get(name) ?? this.rooms.get(fold(name));
    const room = known ?? this.add(fold(name));
    if (room.membership === 'out')
      this.enter(room);
    this.#pump(now);
    return room;
  }

  add(name) {
    const room = new Room(name);
    this.rooms.set(name, room);
    return room;
  }

  leave(room, now) {
    if (this.link.isOnline && room.membership !== 'out' && room.membership !== 'due')
      this.requests.ask({ type: 'leave', room: room.name }, { kind: 'leave' });
    this.forget(room);
    this.askRooms(now);
  }

  show(room, now) {
    if (this.current === room)
      return;
    if (this.current)
      this.current.seen = this.current.log.last;
    this.current = room;
    this.#pump(now);
  }

  look() {
    if (!this.current || this.current.unread === 0)
      return;
    this.current.unread = 0;
    this.current.isMentioned = false;
  }

  publish(room, text, now) {
    room.outgoing.push({ id: this.#newId(), text, status: 'queued', error: null, faults: 0, seq: null });
    room.log.version++;
    this.#pump(now);
  }

  retry(room, message, now) {
    if (message.error?.code === 'id_conflict')
      message.id = this.#newId();
    message.faults = 0;
    room.change(message, 'queued');
    this.#pump(now);
  }

  type(room, now) {
    if (!this.link.isOnline || room.membership !== 'live' || now < room.typedAt + typingEvery)
      return;
    room.typedAt = now;
    this.#outputs.push({ send: { type: 'typing', room: room.name } });
  }

  askOlder(room, now) {
    if (room.isLoading || !room.log.more || !room.isHeard)
      return;
    room.isLoading = true;
    this.requests.ask({ type: 'history', room: room.name, before: room.log.first, limit: 100 }, { kind: 'older', room });
    this.#pump(now);
  }

  askRooms(now) {
    if (!this.link.isOnline)
      return;
    this.requests.ask({ type: 'rooms' }, { kind: 'rooms' });
    this.#pump(now);
  }

  // What the answers to its requests bring about.

  /** The server's answer names the room as everything else that it sends will. */
  rename(request, name) {
    const room = request.room;
    const other = this.rooms.get(name);
    if (other) {
      other.adopt(room);
      request.room = other;
      this.rooms.delete(room.name);
    } else {
      const rooms = [...this.rooms.values()];
      room.name = name;
      this.rooms = new Map(rooms.map(each => [each.name, each]));
    }
    if (this.current === room)
      this.current = request.room;
  }

  enter(room) {
    room.membership = 'due';
    room.refusal = null;
  }

  forget(room) {
    this.rooms.delete(room.name);
    if (this.current === room)
      this.current = null;
  }

  #disconnected() {
    this.requests.clear();
    for (const room of this.rooms.values())
      room.disconnected();
  }

  // Sends all that may be sent now, and notes when more may be.
  #pump(now) {
    this.#pumpAt = Infinity;
    if (!this.link.isOnline)
      return;
    this.requests.most = Math.max(1, this.limits.unansweredRequests - 1);
    for (const room of this.rooms.values()) {
      if (now < room.heldUntil) {
        this.#pumpAt = Math.min(this.#pumpAt, room.heldUntil);
      } else if (room.membership === 'due' && this.requests.send(room.join, { kind: 'join', room })) {
        room.membership = 'asked';
      } else if (room.membership === 'live') {
        this.#pumpMessage(room);
      }
    }
    this.#askWho(now);
    this.#pumpAt = Math.min(this.#pumpAt, this.requests.pump(now));
  }

  #pumpMessage(room) {
    const message = room.nextToSend;
    if (message && this.requests.send({ type: 'publish', id: message.id, room: room.name, message: message.text }, { kind: 'publish', room, message }))
      room.change(message, 'sent');
  }

  #askWho(now) {
    const room = this.current;
    if (room?.membership !== 'live' || !room.people.isStale)
      return;
    if (now < room.people.askedAt + whoEvery) {
      this.#pumpAt = Math.min(this.#pumpAt, room.people.askedAt + whoEvery);
      return;
    }
    room.people.askedAt = now;
    this.requests.ask({ type: 'who', room: room.name }, { kind: 'who' });
  }
}
