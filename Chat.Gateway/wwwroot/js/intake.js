import { isPassing } from './link.js';
import { fold, isSame, names } from './names.js';

const mostFaults = 3;
const mostInMemory = 1_000;

/** What the server sends to a session that is logged in, folded into its rooms. */
export class Intake {
  #session;
  #requests;

  constructor(session, requests) {
    this.#session = session;
    this.#requests = requests;
  }

  take(event, now) {
    switch (event.type) {
      case 'system': return this.#takeSystem(event);
      case 'history': return this.#takePage(event);
      case 'ack': return this.#takeAck(event);
      case 'error': return this.#takeError(event, now);
      case 'typing':
        if (!isSame(event.user, this.#session.user))
          this.#session.rooms.get(event.room)?.people.types(event.user, now);
        return;
      case 'who':
        this.#requests.answered(event.id);
        this.#session.rooms.get(event.room)?.people.set(event.members, event.online);
        return;
      case 'rooms':
        this.#requests.answered(event.id);
        this.#session.others = event;
        return;
      default:
        if (Number.isInteger(event.seq))
          this.#takeLive(event);
    }
  }

  #takeSystem(event) {
    const room = this.#session.rooms.get(event.room);
    switch (event.event) {
      case 'shutdown':
        this.#session.link.announced(event.reconnectIn ?? null);
        return;
      case 'joined':
        room?.people.came(event.user, event.online);
        room?.log.note(`${event.user} joined`);
        return;
      case 'left':
        if (event.id !== undefined)
          this.#requests.answered(event.id);
        if (!room || isSame(event.user, this.#session.user))
          return;
        room.people.went(event.user, event.online);
        room.log.note(`${event.user} left`);
        return;
      case 'presence':
        room?.people.counted(event.online);
        return;
      case 'notice':
        this.#session.notices.push(event.message);
    }
  }

  #takeLive(event) {
    const room = this.#session.rooms.get(event.room);
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

  #takePage(page) {
    const request = this.#requests.find(page.id);
    if (request?.kind === 'older') {
      this.#requests.answered(page.id);
      request.room.isLoading = false;
      request.room.log.takeOlder(page);
      return;
    }
    let room = this.#session.rooms.get(page.room);
    if (request) {
      if (page.live)
        this.#requests.answered(page.id);
      if (this.#session.rooms.get(request.room.name) !== request.room)
        return;
      if (request.room.name !== page.room)
        this.#session.rename(request, page.room);
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
          this.#session.notices.push(error.message);
    }
  }

  #publishRefused({ room, message }, error, now) {
    if (message.status !== 'sent')
      return;
    if (error.code === 'internal' || error.code === 'not_in_room')
      message.faults++;
    if (error.code === 'not_in_room')
      this.#session.enter(room);
    else if (isPassing(error.code))
      room.heldUntil = now + Math.max(error.retryAfter ?? 1_000, 50);
    const isForGood = !isPassing(error.code) && error.code !== 'not_in_room' || message.faults >= mostFaults;
    room.change(message, isForGood ? 'failed' : 'queued', error);
  }

  #joinRefused({ room }, error, now) {
    if (this.#session.rooms.get(room.name) !== room || room.membership !== 'asked')
      return;
    if (isPassing(error.code)) {
      room.membership = 'due';
      room.heldUntil = now + Math.max(error.retryAfter ?? 1_000, 50);
      return;
    }
    if (room.wasJoined || room.outgoing.length > 0) {
      room.membership = 'out';
      room.refusal = error.message;
      return;
    }
    this.#session.notices.push(`${room.name}: ${error.message}`);
    this.#session.forget(room);
  }

  #strike(room, events) {
    for (const event of events)
      room.strike(event.id);
    room.strikeStored();
  }

  #count(room, messages) {
    for (const { user, message } of messages) {
      room.people.spoke(user);
      if (isSame(user, this.#session.user))
        continue;
      room.unread++;
      room.isMentioned ||= names(message, this.#session.user);
    }
    if (!room.isReadBack)
      room.log.trim(mostInMemory);
  }
}
