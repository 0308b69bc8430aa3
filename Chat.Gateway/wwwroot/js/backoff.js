/** Waits that double from one to the next, each shortened by chance to between its half and its whole. */
export class Backoff {
  #doublings = 0;
  #first;
  #longest;
  #random;

  constructor(first, longest, random) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
  }

  next() {
    const whole = Math.min(this.#first * 2 ** this.#doublings, this.#longest);
    if (whole < this.#longest)
      this.#doublings++;
    return whole * (0.5 + this.#random() / 2);
  }

  reset() {
    this.#doublings = 0;
  }
}
