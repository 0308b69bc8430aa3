/** The requests of one connection: those that wait for an answer, by id, and the questions that wait to be asked. */
export class Requests {
  most = 63;

  #emit;
  #ids = 0;
  #waiting = new Map();
  #asks = [];
  #heldUntil = 0;

  constructor(emit) {
    this.#emit = emit;
  }

  /** Sends the frame at once, under its id or a new one; false where too much is unanswered. */
  send(frame, about) {
    if (this.#waiting.size >= this.most)
      return false;
    const id = frame.id ?? `r${++this.#ids}`;
    this.#waiting.set(id, { ...about, frame });
    this.#emit({ ...frame, id });
    return true;
  }

  ask(frame, about) {
    this.#asks.push({ ...about, frame });
  }

  again({ frame, ...about }, notBefore) {
    this.#heldUntil = notBefore;
    this.#asks.unshift({ ...about, frame });
  }

  find(id) {
    return this.#waiting.get(id);
  }

  answered(id) {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    return request;
  }

  /** Asks what may be asked now; gives when more may be. */
  pump(now) {
    if (now < this.#heldUntil)
      return this.#asks.length > 0 ? this.#heldUntil : Infinity;
    while (this.#asks.length > 0) {
      const { frame, ...about } = this.#asks[0];
      if (!this.send(frame, about))
        break;
      this.#asks.shift();
    }
    return Infinity;
  }

  clear() {
    this.#waiting.clear();
    this.#asks = [];
    this.#heldUntil = 0;
  }
}
