/**
 * What outlives the page. Of this tab, a reload: the session with its secret, the rooms, how far each was seen, what was typed and
 * what isn't stored yet. Of this browser: the name, the access token, the colours. A browser may refuse to keep anything.
 */
const prefix = `chat:${location.pathname}:`;

function area(storage) {
  return {
    get(key) {
      try {
        return JSON.parse(storage().getItem(prefix + key));
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (value === null)
          storage().removeItem(prefix + key);
        else
          storage().setItem(prefix + key, JSON.stringify(value));
      } catch {
        // Full, or not allowed: the page works without.
      }
    },
  };
}

export const tab = area(() => sessionStorage);
export const browser = area(() => localStorage);

export function saveSession(session) {
  tab.set('session', {
    user: session.link.user,
    session: session.link.session,
    rooms: savedRooms(session),
  });
}

export function savedRooms(session) {
  return [...session.rooms.values()].map(({ name, log, draft, unread, isMentioned, outgoing }) => ({
    name,
    epoch: log.epoch,
    last: log.last,
    draft,
    unread,
    isMentioned,
    outgoing: outgoing.filter(message => message.status !== 'stored').map(({ id, text, status, error }) => ({ id, text, status, error })),
  }));
}

export function loadSession() {
  return tab.get('session');
}

export function forgetSession() {
  tab.set('session', null);
}

/** Puts back into the rooms of a new session what an earlier page has left. */
export function restoreRooms(session, saved) {
  for (const { name, epoch, last, draft, unread, isMentioned, outgoing } of saved) {
    const room = session.add(name);
    if (epoch)
      room.log.startAt(epoch, last);
    Object.assign(room, { draft, unread, isMentioned, wasJoined: true });
    // What was under way may have arrived: the room tells, before it is sent again.
    room.outgoing = outgoing.map(message => ({ ...message, status: message.status === 'failed' ? 'failed' : 'queued', faults: 0, seq: null }));
  }
}
