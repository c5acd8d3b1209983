/**
 * Trace points: places in the code that tell whoever listens what happens there, under the kernel's names where the
 * kernel has them. There may be many listeners; with none, a point costs the look at {@link TracePoint.enabled}.
 *
 *     if (vb2Qbuf.enabled) vb2Qbuf.tell(vb);
 *
 * Who listens must change nothing, keep nothing that is not copied, and not throw.
 */

/** Whose call is being served: the kernel's `current`. */
export interface Task {
  readonly pid: number;
  readonly tid: number;
  /** The name of the thread, as it is now; the first one of a program is mostly called as the program is. */
  readonly comm: string;
  /** The name of the program: what its first thread is called now. */
  readonly program: string;
}

export type TraceListener<E> = (event: E, task: Task | undefined) => void;

let currentTask: Task | undefined;

/** From now on calls of `task` are served; undefined between calls, when timers of drivers run. */
export function setCurrentTask(task: Task | undefined): void {
  currentTask = task;
}

export class TracePoint<E> {
  /** `vb2:vb2_qbuf`: the group that is chosen, and the point in it. */
  readonly group: string;
  readonly name: string;
  /** True while somebody listens: asked before an event is made. */
  enabled = false;
  #listeners: readonly TraceListener<E>[] = [];

  constructor(group: string, name: string) {
    this.group = group;
    this.name = name;
  }

  /** From now on `listener` hears of each event, until the function that is given back is called. */
  listen(listener: TraceListener<E>): () => void {
    this.#listeners = [...this.#listeners, listener];
    this.enabled = true;
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
      this.enabled = this.#listeners.length > 0;
    };
  }

  tell(event: E): void {
    for (const listener of this.#listeners) listener(event, currentTask);
  }
}
