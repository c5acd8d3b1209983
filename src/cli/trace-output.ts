/**
 * Where a trace goes. It is written behind the back of everything else: neither the emulated kernel nor the main thread
 * waits for whoever reads it, but for the end, before which all is written.
 */
import { openSync, write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type DebugWord, debugTextOf, jsonOf, type TraceRecord, textOf } from '../trace/index.ts';

const writeSome = promisify(write);
const STDERR = 2;
/** How soon a terminal or pipe that takes nothing at the moment, and was made not to wait, is tried again. */
const FULL_MS = 5;

export class TraceOutput {
  readonly #fd: number;
  readonly #lineOf: (record: TraceRecord) => string | undefined;
  #text = '';
  #writing: Promise<void> | undefined;
  /** Nobody reads it any more, or there is no room. */
  #failed = false;

  /**
   * To `stream` as text, in the manner of the kernel's log if there is something to `debug`; or as JSON into the file
   * `path`. Throws what the system says of that.
   */
  constructor(path: string | undefined, debug: readonly DebugWord[], stream = STDERR) {
    this.#fd = path === undefined ? stream : openSync(path, 'w');
    const text = debug.length === 0 ? textOf : (record: TraceRecord) => debugTextOf(record, debug);
    this.#lineOf = path === undefined ? text : jsonOf;
  }

  add(records: readonly TraceRecord[]): void {
    if (this.#failed) return;
    for (const record of records) {
      const line = this.#lineOf(record);
      if (line !== undefined) this.#text += `${line}\n`;
    }
    if (this.#text !== '') this.#writing ??= this.#writeAll();
  }

  /** Settles when all is written; or when somebody who does not want to wait for that sends a signal. */
  async finish(): Promise<void> {
    if (this.#writing === undefined) return;
    const impatient = new Promise<void>((resolve) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve());
    });
    await Promise.race([this.#writing, impatient]);
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#text !== '') {
        const bytes = Buffer.from(this.#text);
        this.#text = '';
        for (let at = 0; at < bytes.length; ) at += await this.#write(bytes.subarray(at));
      }
    } catch {
      this.#failed = true;
      this.#text = '';
    }
    this.#writing = undefined;
  }

  async #write(bytes: Uint8Array): Promise<number> {
    try {
      return (await writeSome(this.#fd, bytes)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await sleep(FULL_MS);
      return 0;
    }
  }
}
