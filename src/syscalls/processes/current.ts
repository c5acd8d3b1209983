/** Whose call is being served, for who traces: looked up in /proc only when somebody asks. */
import { setCurrentTask, type Task } from '../../base/trace.ts';
import { commOf, tgidOf } from '../../linux/proc-fs.ts';
import type { Call } from '../wire/call.ts';

export class Current implements Task {
  #tid = 0;
  #pid: number | undefined;
  #comm: string | undefined;

  /** `call` is served from now on. */
  begin({ tid }: Call): void {
    this.#tid = tid;
    this.#pid = undefined;
    this.#comm = undefined;
    setCurrentTask(this);
  }

  /** No call is served until the next one begins. */
  end(): void {
    setCurrentTask(undefined);
  }

  get tid(): number {
    return this.#tid;
  }

  get pid(): number {
    this.#pid ??= tgidOf(this.#tid) ?? this.#tid;
    return this.#pid;
  }

  get comm(): string {
    this.#comm ??= commOf(this.#tid);
    return this.#comm;
  }

  get program(): string {
    return this.pid === this.#tid ? this.comm : commOf(this.pid);
  }
}
