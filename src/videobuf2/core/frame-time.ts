const NS_PER_S = 1e9;
const US_PER_S = 1e6;
const NS_PER_US = 1e3;

/**
 * When a frame was taken. Drivers say it in nanoseconds of CLOCK_MONOTONIC, which a double holds exactly. Programs
 * say it as `struct timeval` of any clock they like, and find the same microseconds again behind a queue that copies
 * times: the nanoseconds since 1970 are beyond what a double holds, so both numbers are kept as they came.
 */
export class FrameTime {
  #seconds = 0;
  #microseconds = 0;
  #nanoseconds = 0;

  /** For drivers; of a program's time only the nearest that a double can say. */
  get nanoseconds(): number {
    return this.#nanoseconds;
  }

  set nanoseconds(ns: number) {
    this.#nanoseconds = ns;
    this.#seconds = Math.floor(ns / NS_PER_S);
    this.#microseconds = Math.floor((ns - this.#seconds * NS_PER_S) / NS_PER_US);
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** 0 … 999999. */
  get microseconds(): number {
    return this.#microseconds;
  }

  get isZero(): boolean {
    return this.#seconds === 0 && this.#microseconds === 0 && this.#nanoseconds === 0;
  }

  /**
   * Takes what a program says; microseconds that make whole seconds count as such.
   *
   * @kernel v4l2_buffer_get_timestamp
   */
  setTimeval(seconds: number, microseconds: number): void {
    const carried = Math.floor(microseconds / US_PER_S);
    this.#seconds = seconds + carried;
    this.#microseconds = microseconds - carried * US_PER_S;
    this.#nanoseconds = this.#seconds * NS_PER_S + this.#microseconds * NS_PER_US;
  }

  /** The same time, exactly. */
  copy(other: FrameTime): void {
    this.#seconds = other.#seconds;
    this.#microseconds = other.#microseconds;
    this.#nanoseconds = other.#nanoseconds;
  }
}
