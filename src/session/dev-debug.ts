/**
 * What root has asked for by writing `dev_debug` of a node: its calls are told as the kernel's log tells them, where usercam
 * tells what else it has to say. Nothing listens as long as nobody has asked.
 */
import type { Clock } from '../base/timers.ts';
import {
  type DebugWord,
  debugTextOf,
  debugWordsOf,
  groupsToDebug,
  type TraceRecord,
} from '../trace/index.ts';
import { devDebugPoint, type VideoDevice } from '../v4l2-core/index.ts';
import type { DeviceTable } from '../vfs/device-table.ts';
import { Tracing } from './tracing.ts';

export class DevDebug {
  readonly #words = new Map<string, readonly DebugWord[]>();
  readonly #tracing: Tracing;

  constructor(clock: Clock, devices: DeviceTable, say: (line: string) => void) {
    const tell = (record: TraceRecord) => {
      const words = this.#words.get(record.of) ?? [];
      const line = groupsToDebug(words).includes(record.group) ? debugTextOf(record, words) : undefined;
      if (line !== undefined) say(line);
    };
    this.#tracing = new Tracing(clock, (records) => records.forEach(tell));
    devDebugPoint.listen((vdev) => this.#ask(vdev));
    devices.listen({
      added: () => {},
      removed: ({ name }) => {
        if (this.#words.has(name)) this.#change(name, []);
      },
    });
  }

  /** Tells what is left. */
  finish(): void {
    this.#tracing.finish();
  }

  #ask({ name, devDebug }: VideoDevice): void {
    this.#change(name, debugWordsOf(devDebug));
  }

  #change(name: string, words: readonly DebugWord[]): void {
    // What has been recorded was asked for before.
    this.#tracing.finish();
    if (words.length === 0) this.#words.delete(name);
    else this.#words.set(name, words);
    this.#tracing.trace(groupsToDebug([...this.#words.values()].flat()));
  }
}
