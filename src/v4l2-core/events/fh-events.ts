import type { v4l2_event } from '../../abi/index.ts';
import { List } from '../../base/list.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { Caller } from '../../vfs/file.ts';
import type { EventSlot, V4l2SubscribedEvent } from './subscription.ts';

const NS_PER_S = 1e9;

/** The events of an open file: what it is told of, and what waits for VIDIOC_DQEVENT. */
export class V4l2FhEvents {
  /** Woken when there is an event more; who polls is woken by `file.pollWait`. */
  readonly wait = new WaitQueue();
  /** Who sleeps in VIDIOC_DQEVENT. */
  readonly sleepers = new Set<Caller>();
  readonly #subscribed: V4l2SubscribedEvent[] = [];
  /** The slots that are filled, in the order of their newest contents. */
  readonly #available = new List<EventSlot>();
  /** Counts what was raised, also what was dropped or joined: so a program sees that something is missing. */
  #sequence = 0;
  /** What the last {@link dequeue} gave. */
  #last: EventSlot | undefined;

  /** @kernel v4l2_event_pending */
  get pending(): boolean {
    return this.#available.length > 0;
  }

  /** @kernel v4l2_event_subscribed */
  find(type: number, id: number): V4l2SubscribedEvent | undefined {
    for (const sev of this.#subscribed) if (sev.type === type && sev.id === id) return sev;
    return undefined;
  }

  add(sev: V4l2SubscribedEvent): void {
    this.#subscribed.push(sev);
  }

  /** The subscription ends, and what waits of it is gone. */
  remove(sev: V4l2SubscribedEvent): void {
    const at = this.#subscribed.indexOf(sev);
    if (at >= 0) this.#subscribed.splice(at, 1);
    for (let slot = sev.waiting(0); slot !== undefined; slot = sev.waiting(0)) {
      this.#available.remove(slot.entry);
      sev.giveBack();
    }
    if (this.#last?.sev === sev) this.#last = undefined;
    sev.ops?.del?.(sev);
  }

  /** @kernel v4l2_event_unsubscribe_all */
  removeAll(): void {
    for (const sev of [...this.#subscribed]) this.remove(sev);
  }

  /**
   * `event` was raised at `time`: it waits from now on, in the place of the oldest of its subscription if there is no room.
   *
   * @kernel __v4l2_event_queue_fh
   */
  queue(sev: V4l2SubscribedEvent, event: v4l2_event, time: number): void {
    const sequence = this.#sequence++;
    let isJoined = false;
    if (sev.isFull) isJoined = this.#makeRoom(sev, event);
    const slot = sev.take();
    if (!isJoined) slot.event.u.$bytes.set(event.u.$bytes);
    slot.event.type = event.type;
    slot.event.id = event.id;
    slot.event.sequence = sequence >>> 0;
    slot.time = time;
    this.#available.addTail(slot.entry);
    this.wait.wakeUp();
  }

  /** Drops the oldest of `sev`; true if the slot that is free now has the contents of both it and `event`. */
  #makeRoom(sev: V4l2SubscribedEvent, event: v4l2_event): boolean {
    const oldest = sev.waiting(0) as EventSlot;
    const next = sev.waiting(1);
    this.#available.remove(oldest.entry);
    if (next === undefined) sev.ops?.replace?.(oldest.event, event);
    else sev.ops?.merge?.(oldest.event, next.event);
    sev.giveBack();
    return next === undefined && sev.ops?.replace !== undefined;
  }

  /** Fills `event` with the oldest that waits; false if there is none. @kernel __v4l2_event_dequeue */
  dequeue(event: v4l2_event): boolean {
    const slot = this.#available.shift();
    if (slot === undefined) return false;
    slot.sev.giveBack();
    this.#last = slot;
    event.$bytes.set(slot.event.$bytes);
    event.pending = this.#available.length;
    event.timestamp.tv_sec = Math.floor(slot.time / NS_PER_S);
    event.timestamp.tv_nsec = Math.floor(slot.time % NS_PER_S);
    return true;
  }

  /**
   * The answer of the last VIDIOC_DQEVENT did not reach the program: true if the event waits again, at the head, as if
   * it had never been taken.
   */
  undqevent(): boolean {
    const slot = this.#last;
    this.#last = undefined;
    if (slot === undefined || !slot.sev.takeBack()) return false;
    this.#available.addHead(slot.entry);
    return true;
  }
}
