import { Log } from './log.js';
import { People } from './people.js';

const firstPage = 100;

/**
 * A room that the user wants to be in. `membership` on the present connection: due (a join is to be sent), asked, paging (pages
 * come, live events don't yet), live, or out (refused, with the server's sentence in `refusal`).
 */
export class Room {
  log = new Log();
  people = new People();
  membership = 'due';
  wasJoined = false;
  refusal = null;
  /** Nothing is sent to the room before; after a refusal. */
  heldUntil = 0;
  /** What was said here and isn't in the log yet, in order: queued, sent, stored or failed. */
  outgoing = [];
  draft = '';
  unread = 0;
  isMentioned = false;
  /** The last seq that was seen when the room was last left. */
  seen = null;
  isLoading = false;
  typedAt = -Infinity;
  /** Whether the reader is scrolled back, so that nothing may be taken away. */
  isReadBack = false;

  constructor(name) {
    this.name = name;
  }

  /** While a join is to be answered, what comes is of the subscription before it, and comes again after it. */
  get isHeard() {
    return this.membership === 'paging' || this.membership === 'live';
  }

  get join() {
    return this.log.epoch === null
      ? { type: 'join', room: this.name, history: firstPage }
      : { type: 'join', room: this.name, since: this.log.last, epoch: this.log.epoch };
  }

  /** The next message to send: one at a time, so that one that is refused and sent again is overtaken by none. */
  get nextToSend() {
    return this.outgoing.some(message => message.status === 'sent') ? null
      : this.outgoing.find(message => message.status === 'queued') ?? null;
  }

  get isSending() {
    return this.outgoing.some(message => message.status === 'queued' || message.status === 'sent');
  }

  change(message, status, error = null) {
    message.status = status;
    message.error = error;
    this.log.version++;
  }

  remove(message) {
    this.outgoing = this.outgoing.filter(other => other !== message);
    this.log.version++;
  }

  /** The log has it. The id alone says whose it is: it is drawn at random, and told to nobody before. */
  strike(id) {
    const found = this.outgoing.find(message => message.id === id);
    if (found)
      this.remove(found);
  }

  /** What the log holds by now, whether it could be shown or not. */
  strikeStored() {
    for (const message of this.outgoing.filter(message => message.status === 'stored' && message.seq <= this.log.last))
      this.remove(message);
  }

  disconnected() {
    if (this.membership !== 'out')
      this.membership = 'due';
    this.heldUntil = 0;
    this.isLoading = false;
    for (const message of this.outgoing.filter(message => message.status === 'sent'))
      this.change(message, 'queued');
    this.people.typing.clear();
    this.people.version++;
  }

  /** Takes over what another one has, which turned out to be the same room. */
  adopt(other) {
    this.outgoing.push(...other.outgoing);
    this.draft ||= other.draft;
  }
}
