/** Waits that double from one to the next, each shortened by chance to between its half and its whole. */
export function backoff(first, longest, random) {
  let doublings = 0;
  return {
    next() {
      const whole = Math.min(first * 2 ** doublings, longest);
      if (whole < longest)
        doublings++;
      return whole * (0.5 + random() / 2);
    },
    reset() {
      doublings = 0;
    },
  };
}
