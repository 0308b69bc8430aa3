import { isPassing, Link } from './link.js';
import { fold, isSame, names } from './names.js';
import { Requests } from './requests.js';
import { Room } from './room.js';

const typingEvery = 3_000;
const whoEvery = 5_000;
const mostFaults = 3;
const mostInMemory = 1_000;

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
  /** Sentences to be shown once. */
  notices = [];
  version = 0;

  #outputs = [];
  #requests;
  #newId;
  #pumpAt = Infinity;

  constructor({ user, session, token, newId, random }) {
    this.#newId = newId;
    this.link = new Link({ user, session, token, random }, output => this.#outputs.push(output));
    this.#requests = new Requests(frame => this.#outputs.push({ send: frame }));
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
      this.#take(event, now);
    }
    this.#pump(now);
  }

  // From the user.

  /** Joins the room, or finds it among those that are. */
  join(name, now) {
    const known = this.rooms.get(name) ?? this.rooms.get(fold(name));
    const room = known ?? this.add(fold(name));
    if (room.membership === 'out')
      this.#due(room);
    this.#pump(now);
    return room;
  }

  add(name) {
    const room = new Room(name);
    this.rooms.set(name, room);
    this.version++;
    return room;
  }

  leave(room, now) {
    if (this.link.isOnline && room.membership !== 'out' && room.membership !== 'due')
      this.#requests.ask({ type: 'leave', room: room.name }, { kind: 'leave' });
    this.#forget(room);
    this.#pump(now);
  }

  show(room, now) {
    if (this.current === room)
      return;
    if (this.current)
      this.current.seen = this.current.log.last;
    this.current = room;
    this.version++;
    this.#pump(now);
  }

  /** The current room is being looked at. */
  look() {
    if (!this.current || this.current.unread === 0)
      return;
    this.current.unread = 0;
    this.current.isMentioned = false;
    this.version++;
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
    this.#requests.ask({ type: 'history', room: room.name, before: room.log.first, limit: 100 }, { kind: 'older', room });
    this.#pump(now);
  }

  askRooms(now) {
    this.#requests.ask({ type: 'rooms' }, { kind: 'rooms' });
    this.#pump(now);
  }

  #take(event, now) {
    switch (event.type) {
      case 'system': return this.#takeSystem(event);
      case 'history': return this.#takePage(event, now);
      case 'ack': return this.#takeAck(event);
      case 'error': return this.#takeError(event, now);
      case 'typing':
        if (!isSame(event.user, this.user))
          this.rooms.get(event.room)?.people.types(event.user, now);
        return;
      case 'who':
        this.#requests.answered(event.id);
        this.rooms.get(event.room)?.people.set(event.members, event.online);
        return;
      case 'rooms':
        this.#requests.answered(event.id);
        this.others = event;
        this.version++;
        return;
      default:
        if (Number.isInteger(event.seq))
          this.#takeLive(event);
    }
  }

  #takeSystem(event) {
    const room = this.rooms.get(event.room);
    switch (event.event) {
      case 'shutdown':
        this.link.announced(event.reconnectIn ?? null);
        return;
      case 'joined':
        room?.people.came(event.user, event.online);
        room?.log.note(`${event.user} joined`);
        return;
      case 'left':
        if (event.id !== undefined)
          this.#requests.answered(event.id);
        if (!room || isSame(event.user, this.user))
          return;
        room.people.went(event.user, event.online);
        room.log.note(`${event.user} left`);
        return;
      case 'presence':
        room?.people.counted(event.online);
        return;
      case 'notice':
        this.notices.push(event.message);
    }
  }

  #takeLive(event) {
    const room = this.rooms.get(event.room);
    if (!room?.isHeard)
      return;
    const verdict = room.log.take(event);
    // No server leaves one out; should one, a join brings it.
    if (verdict === 'gap' && room.membership === 'live')
      room.membership = 'due';
    if (verdict === 'gap')
      return;
    this.#strike(room, [event]);
    if (verdict === 'next' && event.type === 'message')
      this.#count(room, [event]);
  }

  #takePage(page, now) {
    const request = this.#requests.find(page.id);
    if (request?.kind === 'older') {
      this.#requests.answered(page.id);
      request.room.isLoading = false;
      request.room.log.takeOlder(page);
      return;
    }
    let room = this.rooms.get(page.room);
    if (request) {
      if (page.live)
        this.#requests.answered(page.id);
      if (this.rooms.get(request.room.name) !== request.room)
        return;
      if (request.room.name !== page.room)
        this.#rename(request, page.room);
      room = request.room;
    } else if (!room?.isHeard) {
      return;
    }
    const isFirst = room.log.epoch === null;
    const fresh = room.log.takePage(page);
    this.#strike(room, page.messages);
    if (!isFirst)
      this.#count(room, fresh);
    room.wasJoined = true;
    room.membership = page.live ? 'live' : 'paging';
    room.people.isStale ||= page.live;
    room.people.askedAt = -Infinity;
    this.version++;
    this.#pump(now);
  }

  #takeAck(ack) {
    const request = this.#requests.answered(ack.id);
    if (request?.kind !== 'publish')
      return;
    request.message.seq = ack.seq;
    request.room.change(request.message, 'stored');
    request.room.strikeStored();
  }

  #takeError(error, now) {
    const request = this.#requests.answered(error.id);
    switch (request?.kind) {
      case 'publish':
        return this.#publishRefused(request, error, now);
      case 'join':
        return this.#joinRefused(request, error, now);
      case 'older': case 'who': case 'rooms': case 'leave':
        if (isPassing(error.code) && error.retryAfter !== undefined)
          this.#requests.again(request, now + error.retryAfter);
        else if (request.kind === 'older')
          request.room.isLoading = false;
        return;
      default:
        // A notice of typing that was refused, say: nothing to be done about it.
        if (error.id !== undefined)
          this.notices.push(error.message);
    }
  }

  #publishRefused({ room, message }, error, now) {
    if (message.status !== 'sent')
      return;
    if (error.code === 'internal' || error.code === 'not_in_room')
      message.faults++;
    if (error.code === 'not_in_room')
      this.#due(room);
    else if (isPassing(error.code))
      room.heldUntil = now + Math.max(error.retryAfter ?? 1_000, 50);
    const isForGood = !isPassing(error.code) && error.code !== 'not_in_room' || message.faults >= mostFaults;
    room.change(message, isForGood ? 'failed' : 'queued', error);
  }

  #joinRefused({ room }, error, now) {
    if (this.rooms.get(room.name) !== room || room.membership !== 'asked')
      return;
    if (isPassing(error.code)) {
      room.membership = 'due';
      room.heldUntil = now + Math.max(error.retryAfter ?? 1_000, 50);
      return;
    }
    this.version++;
    if (room.wasJoined || room.outgoing.length > 0) {
      room.membership = 'out';
      room.refusal = error.message;
      return;
    }
    this.notices.push(`${room.name}: ${error.message}`);
    this.#forget(room);
  }

  #strike(room, events) {
    for (const event of events)
      room.strike(event.id);
    room.strikeStored();
  }

  #count(room, messages) {
    for (const { user, message } of messages) {
      room.people.spoke(user);
      if (isSame(user, this.user))
        continue;
      room.unread++;
      room.isMentioned ||= names(message, this.user);
    }
    if (!room.isReadBack)
      room.log.trim(mostInMemory);
    this.version++;
  }

  // The server's answer names the room as everything else that it sends will.
  #rename(request, name) {
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

  #due(room) {
    room.membership = 'due';
    room.refusal = null;
    this.version++;
  }

  #forget(room) {
    this.rooms.delete(room.name);
    if (this.current === room)
      this.current = null;
    this.version++;
  }

  #disconnected() {
    this.#requests.clear();
    for (const room of this.rooms.values())
      room.disconnected();
  }

  // Sends all that may be sent now, and notes when more may be.
  #pump(now) {
    this.#pumpAt = Infinity;
    if (!this.link.isOnline)
      return;
    this.#requests.most = Math.max(1, this.limits.unansweredRequests - 1);
    for (const room of this.rooms.values()) {
      if (now < room.heldUntil) {
        this.#pumpAt = Math.min(this.#pumpAt, room.heldUntil);
      } else if (room.membership === 'due' && this.#requests.send(room.join, { kind: 'join', room })) {
        room.membership = 'asked';
      } else if (room.membership === 'live') {
        this.#pumpMessage(room);
      }
    }
    this.#askWho(now);
    this.#pumpAt = Math.min(this.#pumpAt, this.#requests.pump(now));
  }

  #pumpMessage(room) {
    const message = room.nextToSend;
    if (message && this.#requests.send({ type: 'publish', id: message.id, room: room.name, message: message.text }, { kind: 'publish', room, message }))
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
    this.#requests.ask({ type: 'who', room: room.name }, { kind: 'who' });
  }
}
