/**
 * When all programs are to be looked through for who has a file of which nobody is known who has it: soon, then less and less,
 * until whoever has it is heard of by himself. A look takes long where there are many descriptors, so never all the time.
 */
const FIRST_PAUSE_NS = 1e6;
const LAST_PAUSE_NS = 50e6;
/** After a look there is none for so many times as long as it has taken, within limits. */
const REST = 10;
const LONGEST_REST_NS = 500e6;

export class Seeking {
  #pause = FIRST_PAUSE_NS;
  #next = 0;
  /** True once somebody has looked since the last {@link reset}. */
  hasBegun = false;

  /** Somebody is known to have the file. */
  reset(): void {
    this.#pause = FIRST_PAUSE_NS;
    this.#next = 0;
    this.hasBegun = false;
  }

  /** True if a look that begins `now` is not too soon after the last one. */
  isDue(now: number): boolean {
    return now >= this.#next;
  }

  /** After so many looks there need not be another one. */
  get isEnough(): boolean {
    return this.#pause > LAST_PAUSE_NS;
  }

  /** Somebody has looked in vain, from `began` until `now`. */
  looked(began: number, now: number): void {
    this.hasBegun = true;
    const rest = Math.min(REST * (now - began), LONGEST_REST_NS);
    this.#next = now + Math.max(Math.min(this.#pause, LAST_PAUSE_NS), rest);
    if (!this.isEnough) this.#pause *= 2;
  }
}
