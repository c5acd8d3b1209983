/** Frame rate and drops of a running stream: in place on a terminal, a line per second elsewhere. */

/** What progress is written to: `process.stdout`, or a list of lines in a test. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const REPORT_MS = 1000;
const REPORT_IN_PLACE_MS = 100;

export class Progress {
  readonly #total: number;
  readonly #output: ProgressOutput;
  #frames = 0;
  #dropped = 0;
  #lastSequence = 0;
  #firstTime = 0;
  #lastTime = 0;
  #reported = 0;

  constructor(total: number, output: ProgressOutput) {
    this.#total = total;
    this.#output = output;
  }

  /** A frame has come. Numbers that are missing in the sequence are frames that the device had to drop. */
  frame(sequence: number, nowMilliseconds: number): void {
    if (this.#frames === 0) {
      this.#firstTime = nowMilliseconds;
      this.#reported = nowMilliseconds;
    } else {
      this.#dropped += (sequence - this.#lastSequence - 1) >>> 0;
    }
    this.#frames++;
    this.#lastSequence = sequence;
    this.#lastTime = nowMilliseconds;
    this.#report(nowMilliseconds);
  }

  /** What came of it, in one line. */
  summary(): string {
    const seconds = (this.#lastTime - this.#firstTime) / 1000;
    return `${this.#frames} frames in ${seconds.toFixed(2)} s, ${this.#rate()}, ${this.#dropped} dropped`;
  }

  #rate(): string {
    const milliseconds = this.#lastTime - this.#firstTime;
    const rate = milliseconds === 0 ? 0 : ((this.#frames - 1) * 1000) / milliseconds;
    return `${rate.toFixed(2)} frames per second`;
  }

  #report(now: number): void {
    const inPlace = this.#output.isTTY === true;
    const last = this.#frames === this.#total;
    if (inPlace && last) {
      this.#output.write('\r\x1b[K');
      return;
    }
    if (last || now - this.#reported < (inPlace ? REPORT_IN_PLACE_MS : REPORT_MS)) return;
    this.#reported = now;
    const line = `  ${this.#frames}/${this.#total} frames, ${this.#rate()}, ${this.#dropped} dropped`;
    this.#output.write(inPlace ? `\r${line}\x1b[K` : `${line}\n`);
  }
}
