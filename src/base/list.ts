/**
 * A doubly linked list whose links live in entries that are made once and used again (the kernel's
 * `list_head`): putting a buffer on a list and taking it off allocates nothing and costs the same for one
 * buffer as for thousands.
 */

/** The place of `item` in one list; an item that can be on two lists at once has two entries. */
export class ListEntry<T> {
  readonly item: T;
  /** The list that holds the entry; only {@link List} changes it and the links. */
  list: List<T> | undefined = undefined;
  next: ListEntry<T> | undefined = undefined;
  previous: ListEntry<T> | undefined = undefined;

  constructor(item: T) {
    this.item = item;
  }
}

export class List<T> {
  #head: ListEntry<T> | undefined = undefined;
  #tail: ListEntry<T> | undefined = undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The entry at the head. Walk with `entry.next`; take it before the entry leaves the list. */
  get first(): ListEntry<T> | undefined {
    return this.#head;
  }

  addTail(entry: ListEntry<T>): void {
    this.#insert(entry, this.#tail, undefined);
  }

  addHead(entry: ListEntry<T>): void {
    this.#insert(entry, undefined, this.#head);
  }

  /** Takes `entry` off; nothing happens if it is not on this list. */
  remove(entry: ListEntry<T>): void {
    if (entry.list !== this) return;
    if (entry.previous === undefined) this.#head = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#tail = entry.previous;
    else entry.next.previous = entry.previous;
    entry.list = undefined;
    entry.next = undefined;
    entry.previous = undefined;
    this.#length--;
  }

  /** Takes the entry at the head off and gives its item. */
  shift(): T | undefined {
    const entry = this.#head;
    if (entry === undefined) return undefined;
    this.remove(entry);
    return entry.item;
  }

  clear(): void {
    while (this.#head !== undefined) this.remove(this.#head);
  }

  #insert(entry: ListEntry<T>, previous: ListEntry<T> | undefined, next: ListEntry<T> | undefined): void {
    if (entry.list !== undefined) throw new TypeError('an entry can be on one list only');
    entry.list = this;
    entry.previous = previous;
    entry.next = next;
    if (previous === undefined) this.#head = entry;
    else previous.next = entry;
    if (next === undefined) this.#tail = entry;
    else next.previous = entry;
    this.#length++;
  }
}
