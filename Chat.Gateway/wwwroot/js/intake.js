import { isPassing } from './link.js';
import { fold, isSame, names } from './names.js';

const mostFaults = 3;
const mostInMemory = 1_000;

/** Folds what the server sends to a session that is logged in into its rooms. */
export function take(session, event, now) {
  switch (event.type) {
    case 'system': return takeSystem(session, event);
    case 'history': return takePage(session, event);
    case 'ack': return takeAck(session, event);
    case 'error': return takeError(session, event, now);
    case 'typing':
      if (!isSame(event.user, session.user))
        session.rooms.get(event.room)?.people.types(event.user, now);
      return;
    case 'who':
      session.requests.answered(event.id);
      session.rooms.get(event.room)?.people.set(event.members, event.online);
      return;
    case 'rooms':
      session.requests.answered(event.id);
      session.others = event;
      return;
    default:
      if (Number.isInteger(event.seq))
        takeLive(session, event);
  }
}

function takeSystem(session, event) {
  const room = session.rooms.get(event.room);
  switch (event.event) {
    case 'shutdown':
      session.link.announced(event.reconnectIn ?? null);
      return;
    case 'joined':
      room?.people.came(event.user, event.online);
      room?.log.note(`${event.user} joined`);
      return;
    case 'left':
      if (event.id !== undefined)
        session.requests.answered(event.id);
      if (!room || isSame(event.user, session.user))
        return;
      room.people.went(event.user, event.online);
      room.log.note(`${event.user} left`);
      return;
    case 'presence':
      room?.people.counted(event.online);
      return;
    case 'notice':
      session.notices.push(event.message);
  }
}

function takeLive(session, event) {
  const room = session.rooms.get(event.room);
  if (!room?.isHeard)
    return;
  const verdict = room.log.take(event);
  // No server leaves one out; should one, a join brings it.
  if (verdict === 'gap' && room.membership === 'live')
    room.membership = 'due';
  if (verdict === 'gap')
    return;
  strike(session, room, [event]);
  if (verdict === 'next' && event.type === 'message')
    count(session, room, [event]);
}

function takePage(session, page) {
  const request = session.requests.find(page.id);
  if (request?.kind === 'older') {
    session.requests.answered(page.id);
    request.room.isLoading = false;
    request.room.log.takeOlder(page);
    return;
  }
  let room = session.rooms.get(page.room);
  if (request) {
    if (page.live)
      session.requests.answered(page.id);
    if (session.rooms.get(request.room.name) !== request.room)
      return;
    if (request.room.name !== page.room)
      session.rename(request, page.room);
    room = request.room;
  } else if (!room?.isHeard) {
    return;
  }
  const isFirst = room.log.epoch === null;
  const fresh = room.log.takePage(page);
  strike(session, room, page.messages);
  if (!isFirst)
    count(session, room, fresh);
  room.wasJoined = true;
  room.membership = page.live ? 'live' : 'paging';
  room.people.isStale ||= page.live;
  room.people.askedAt = -Infinity;
}

function takeAck(session, ack) {
  const request = session.requests.answered(ack.id);
  if (request?.kind !== 'publish')
    return;
  request.message.seq = ack.seq;
  request.room.change(request.message, 'stored');
  request.room.strikeStored();
}

function takeError(session, error, now) {
  const request = session.requests.answered(error.id);
  switch (request?.kind) {
    case 'publish':
      return publishRefused(session, request, error, now);
    case 'join':
      return joinRefused(session, request, error, now);
    case 'older': case 'who': case 'rooms': case 'leave':
      if (isPassing(error.code))
        session.requests.again(request, now + (error.retryAfter ?? 5_000));
      else if (request.kind === 'older')
        request.room.isLoading = request.room.log.more = false;
      return;
    default:
      // A notice of typing that was refused, say: nothing to be done about it.
      if (error.id !== undefined)
        session.notices.push(error.message);
  }
}

function publishRefused(session, { room, message }, error, now) {
  if (message.status !== 'sent')
    return;
  if (error.code === 'internal' || error.code === 'not_in_room')
    message.faults++;
  if (error.code === 'not_in_room')
    session.enter(room);
  else if (isPassing(error.code))
    room.heldUntil = now + Math.max(error.retryAfter ?? 1_000, 50);
  const isForGood = !isPassing(error.code) && error.code !== 'not_in_room' || message.faults >= mostFaults;
  room.change(message, isForGood ? 'failed' : 'queued', error);
}

function joinRefused(session, { room }, error, now) {
  if (session.rooms.get(room.name) !== room || room.membership !== 'asked')
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
  session.notices.push(`${room.name}: ${error.message}`);
  session.forget(room);
}

function strike(session, room, events) {
  for (const event of events)
    room.strike(event.id);
  room.strikeStored();
}

function count(session, room, messages) {
  for (const { user, message } of messages) {
    room.people.spoke(user);
    if (isSame(user, session.user))
      continue;
    room.unread++;
    room.isMentioned ||= names(message, session.user);
  }
  if (!room.isReadBack)
    room.log.trim(mostInMemory);
}
