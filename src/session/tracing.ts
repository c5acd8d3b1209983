/** What is traced in the emulated kernel goes to the main thread in batches: to print it must not delay a call. */
import { type Clock, Timer } from '../base/timers.ts';
import { Recorder, type TraceGroup, type TraceRecord } from '../trace/index.ts';

/** For so long records are gathered. */
const BATCH_NS = 10e6;

export class Tracing {
  readonly #clock: Clock;
  readonly #send: (records: readonly TraceRecord[]) => void;
  readonly #timer = new Timer(() => this.finish());
  #recorder: Recorder | undefined;

  constructor(clock: Clock, send: (records: readonly TraceRecord[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** From now on these groups are traced, and no other. Not to be called while a call runs. */
  trace(groups: readonly TraceGroup[]): void {
    this.finish();
    this.#recorder?.stop();
    const { timers } = this.#clock;
    const recorded = () => timers.arm(this.#timer, this.#clock.now() + BATCH_NS);
    this.#recorder = groups.length === 0 ? undefined : new Recorder(this.#clock, groups, recorded);
  }

  /** Sends what is left. */
  finish(): void {
    const records = this.#recorder?.take() ?? [];
    if (records.length > 0) this.#send(records);
  }
}
