const notKept = 'Some messages may be missing here: older ones are gone, or the room’s log was replaced.';
const mostNotices = 40;

/**
 * What is known of one room's log: a run of messages without a hole but for the gaps that the server told of. Lets each seq in
 * once and in order, live or in pages.
 */
export class Log {
  messages = [];
  /** Who came and went, as lines that stand behind the message `after`. */
  notices = [];
  /** Sentences that stand before the first message of at least this seq. */
  gaps = new Map();
  epoch = null;
  last = 0;
  /** The lowest seq that was looked at: older ones are asked for below it. */
  first = 0;
  more = false;
  version = 0;
  #notes = 0;

  /** Goes on behind what an earlier page of the program has seen. */
  startAt(epoch, last) {
    this.epoch = epoch;
    this.last = last;
    this.first = last + 1;
    this.more = last > 0;
  }

  /** Takes a live event's seq: `next`, `old`, or `gap` where one was left out. */
  take(event) {
    if (event.seq <= this.last)
      return 'old';
    if (event.seq > this.last + 1)
      return 'gap';
    this.last = event.seq;
    // Lines of types to come have their place in the order all the same.
    if (event.type === 'message')
      this.#push(event);
    return 'next';
  }

  /** Takes a page of a join, or one to a slow reader; gives what is new of it. */
  takePage(page) {
    if (this.epoch !== null && (this.epoch !== page.epoch || page.last < this.last))
      this.#reset();
    const isFirst = this.epoch === null;
    this.epoch = page.epoch;
    const fresh = page.messages.filter(message => message.seq > this.last);
    // It starts further on than what is here ends: what is here is left to be loaded again.
    if (!isFirst && !page.gap && fresh.length > 0 && fresh[0].seq > this.last + 1)
      this.#reset(page.epoch);
    if (this.messages.length === 0 && (fresh.length > 0 || isFirst)) {
      if (isFirst || page.messages.length > 0)
        this.more = page.more;
      this.first = fresh[0]?.seq ?? page.last + 1;
    }
    this.#noteGaps(page, fresh[0]?.seq ?? this.last + 1);
    for (const message of fresh) {
      this.last = message.seq;
      if (message.type === 'message')
        this.#push(message);
    }
    for (const [, to] of page.missing ?? [])
      this.last = Math.max(this.last, to);
    if (page.live && page.messages.length === 0)
      this.last = Math.max(this.last, page.last);
    this.version++;
    return fresh.filter(message => message.type === 'message');
  }

  takeOlder(page) {
    if (page.epoch !== this.epoch) {
      this.more = false;
      return;
    }
    const older = page.messages.filter(message => message.seq < this.first);
    this.#noteGaps(page, older[0]?.seq ?? this.first);
    this.messages.unshift(...older.filter(message => message.type === 'message').map(dated));
    this.first = older[0]?.seq ?? this.first;
    this.more = page.more && older.length > 0;
    this.version++;
  }

  note(text) {
    this.notices.push({ id: ++this.#notes, after: this.last, text });
    if (this.notices.length > mostNotices)
      this.notices.shift();
    this.version++;
  }

  /** Forgets the oldest: they can be loaded again. */
  trim(most) {
    if (this.messages.length <= most)
      return;
    this.messages.splice(0, this.messages.length - most);
    this.first = this.messages[0].seq;
    this.more = true;
    this.notices = this.notices.filter(notice => notice.after >= this.first);
    this.version++;
  }

  #push(message) {
    this.messages.push(dated(message));
    this.version++;
  }

  #noteGaps(page, first) {
    if (!page.gap)
      return;
    const missing = page.missing ?? [];
    if (missing.length === 0)
      this.gaps.set(first, notKept);
    for (const [from, to] of missing)
      this.gaps.set(to + 1, from === to ? '1 message is missing here: damaged.' : `${to - from + 1} messages are missing here: damaged.`);
  }

  #reset(epoch = null) {
    this.messages = [];
    this.notices = [];
    this.gaps.clear();
    this.last = 0;
    this.first = 0;
    this.more = false;
    this.epoch = epoch;
  }
}

function dated({ seq, id, user, message, timestamp }) {
  const date = new Date(timestamp);
  return { seq, id, user, text: message, time: date.getTime(), day: date.toDateString() };
}
