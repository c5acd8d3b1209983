/** `isNews` is false after {@link WaitQueue.changed}. */
export type WaitQueueEntry = (isNews: boolean) => void;

/**
 * Who wants to know when something changes: a blocked call, the poll face of an open file.
 *
 * As in the kernel a wake-up is a hint: the woken one looks again at the condition and may go back to
 * waiting. Unlike the kernel, whose poll() looks when it is called, the faces of open files are kept up to
 * date eagerly, so they are told as well of what is no news to anybody: {@link changed}.
 */
export class WaitQueue {
  #entries: WaitQueueEntry[] = [];

  add(entry: WaitQueueEntry): void {
    this.#entries.push(entry);
  }

  remove(entry: WaitQueueEntry): void {
    const at = this.#entries.indexOf(entry);
    // Copied, not spliced: a wake-up that is under way goes on over the list it started with.
    if (at >= 0) this.#entries = this.#entries.filter((_, index) => index !== at);
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  /** Something has come: also who waits for an edge (EPOLLET) wakes, whatever was there before. */
  wakeUp(): void {
    this.#tell(true);
  }

  /** The condition has changed where the kernel wakes nobody: something was taken, or stops being ready. */
  changed(): void {
    this.#tell(false);
  }

  #tell(isNews: boolean): void {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) entries[i]?.(isNews);
  }
}
