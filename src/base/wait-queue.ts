/**
 * Who wants to know when something changes: a blocked call, the poll face of an open file.
 *
 * As in the kernel a wake-up is a hint: the woken one looks again at the condition and may go back to
 * waiting. Unlike the kernel, whose poll() looks when it is called, the faces of open files are kept up to
 * date eagerly, so {@link wakeUp} is also called when something stops being ready.
 */
export class WaitQueue {
  #entries: (() => void)[] = [];

  add(entry: () => void): void {
    this.#entries.push(entry);
  }

  remove(entry: () => void): void {
    const at = this.#entries.indexOf(entry);
    // Copied, not spliced: a wake-up that is under way goes on over the list it started with.
    if (at >= 0) this.#entries = this.#entries.filter((_, index) => index !== at);
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  wakeUp(): void {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) entries[i]?.();
  }
}
