import { backoff } from './backoff.js';

// Times in ms. A browser can't send WebSocket pings, nor see the server's.
const answersWithin = 10_000;
const pingAfter = 40_000;
const firstDelay = 1_000;
const longestDelay = 30_000;
// How long the server may hold the connection of an unanswered login for alive.
const ownName = 90_000;

const forGood = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4001]);
const passing = new Set(['rate_limited', 'busy', 'storage_unavailable', 'internal']);

/** Whether a request that was refused for this may be sent again as it is. */
export function isPassing(code) {
  return passing.has(code);
}

/**
 * The connection as a state machine: made, logged in, watched, lost, waited for, made again. What happened goes in with the time;
 * what to do goes to `emit`. No socket, no clock.
 *
 * `phase`: idle, opening, loggingIn, online, waiting (until `until`, because of `reason`), refused (`error`) or ended (`code`).
 */
export class Link {
  phase = 'idle';
  user;
  session;
  token;
  until = 0;
  reason = '';
  error = null;
  code = null;
  serverVersion = null;
  wasOnline = false;
  /** The user was in the chat before, on this page or the one before it. */
  isReturning;

  #emit;
  #reconnects;
  #heard = 0;
  #pinged = null;
  #onlineSince = 0;
  #lastWait = 0;
  #comeBackIn = null;
  #ownNameUntil = 0;

  constructor({ user, session = null, token = null, random }, emit) {
    this.user = user;
    this.session = session;
    this.isReturning = session !== null;
    this.token = token;
    this.#emit = emit;
    this.#reconnects = backoff(firstDelay, longestDelay, random);
  }

  get isOnline() {
    return this.phase === 'online';
  }

  /** When `tick` is next wanted. */
  get due() {
    switch (this.phase) {
      case 'opening': case 'loggingIn': case 'waiting': return this.until;
      case 'online': return this.#pinged === null ? this.#heard + pingAfter : this.#pinged + answersWithin;
      default: return Infinity;
    }
  }

  start(now) {
    // The page before may be logging in.
    if (this.session && !this.wasOnline)
      this.#ownNameUntil ||= now + longestDelay;
    this.phase = 'opening';
    this.until = now + answersWithin;
    this.#emit({ open: true });
  }

  tryNow(now) {
    if (this.phase === 'waiting' || this.phase === 'ended')
      this.start(now);
  }

  opened(now) {
    if (this.phase !== 'opening')
      return;
    this.phase = 'loggingIn';
    this.until = now + answersWithin;
    this.#login();
  }

  heard(now) {
    this.#heard = now;
    this.#pinged = null;
  }

  /** The answer to the login; true where it is the welcome. */
  answered(event, now) {
    if (event.type === 'error')
      this.#refused(event, now);
    if (event.type !== 'system' || event.event !== 'welcome')
      return false;
    this.phase = 'online';
    this.wasOnline = this.isReturning = true;
    this.reason = '';
    this.#onlineSince = now;
    this.#comeBackIn = null;
    this.#ownNameUntil = 0;
    this.user = event.user;
    this.session = event.session;
    this.serverVersion = event.server?.version ?? null;
    return true;
  }

  announced(reconnectIn) {
    this.#comeBackIn = reconnectIn;
  }

  /** The connection is gone, or couldn't be made; with a code where a close frame came. True where one was there. */
  lost(code, now, reason = null) {
    if (!['opening', 'loggingIn', 'online'].includes(this.phase))
      return false;
    if (this.phase === 'loggingIn')
      this.#ownNameUntil = now + ownName;
    if (forGood.has(code)) {
      this.phase = 'ended';
      this.code = code;
    } else {
      this.#wait(null, reason ?? (this.#comeBackIn !== null ? 'The server is restarting.' : this.phase === 'opening'
        ? 'The server can’t be reached.' : 'The connection was lost.'), now);
    }
    return true;
  }

  /** True where the connection was given up. */
  tick(now) {
    if (this.phase === 'waiting' && now >= this.until) {
      this.start(now);
    } else if ((this.phase === 'opening' || this.phase === 'loggingIn') && now >= this.until) {
      return this.#giveUp('The server didn’t answer in time.', now);
    } else if (this.phase === 'online' && this.#pinged !== null && now >= this.#pinged + answersWithin) {
      return this.#giveUp('Nothing comes from the server.', now);
    } else if (this.phase === 'online' && this.#pinged === null && now >= this.#heard + pingAfter) {
      this.#pinged = now;
      this.#emit({ send: { type: 'ping' } });
    }
    return false;
  }

  /** The user leaves: a close with 1000 is a logout. */
  stop() {
    this.#emit({ close: 1000 });
    this.phase = 'ended';
    this.code = 1000;
  }

  #login() {
    const login = { type: 'login', id: 'login', username: this.user };
    if (this.session !== null)
      login.session = this.session;
    if (this.token !== null)
      login.token = this.token;
    this.#emit({ send: login });
  }

  #refused(error, now) {
    if (error.code === 'bad_session' && this.session !== null) {
      this.session = null;
      this.#login();
      return;
    }
    this.#emit({ close: 1000 });
    // Its holder is in the grace period, or may be this page: the welcome of a login can be lost with its connection.
    const isOwnName = error.code === 'name_taken' && this.isReturning && (error.retryAfter !== undefined || now < this.#ownNameUntil);
    if (isPassing(error.code) || isOwnName) {
      this.#wait(error.retryAfter ?? null, error.message, now);
      return;
    }
    this.phase = 'refused';
    this.error = error;
  }

  #giveUp(reason, now) {
    this.#emit({ close: null });
    return this.lost(null, now, reason);
  }

  #wait(retryAfter, reason, now) {
    // A connection that held for longer than the wait before it was a good one.
    if (this.phase === 'online' && now - this.#onlineSince >= this.#lastWait)
      this.#reconnects.reset();
    const told = this.#comeBackIn ?? (retryAfter === null ? null : Math.max(retryAfter, firstDelay));
    this.#comeBackIn = null;
    this.until = now + (told ?? (this.#lastWait = this.#reconnects.next()));
    this.reason = reason;
    this.phase = 'waiting';
  }
}
