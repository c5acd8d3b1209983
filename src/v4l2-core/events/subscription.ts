import { v4l2_event, type v4l2_event_subscription } from '../../abi/index.ts';
import { ListEntry } from '../../base/list.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';

/**
 * What a kind of event does beside waiting in the queue of an open file. All are optional and must not fail, but for
 * `add`, which may refuse the subscription.
 *
 * @kernel v4l2_subscribed_event_ops
 */
export interface V4l2SubscribedEventOps {
  /** `sev` was just subscribed; an event queued from here is its first. What it throws ends the subscription. */
  add?(sev: V4l2SubscribedEvent, elems: number): void;
  /** `sev` has ended: unsubscribed, or its file was closed. */
  del?(sev: V4l2SubscribedEvent): void;
  /**
   * There is room for one event, and one waits: `old` becomes what the program gets in the place of both. Without it
   * the newer one takes its place.
   */
  replace?(old: v4l2_event, newer: v4l2_event): void;
  /** There is no room left: `older` is dropped, and what must not be lost goes into `newer`, the next oldest. */
  merge?(older: v4l2_event, newer: v4l2_event): void;
}

/** Which events, and V4L2_EVENT_SUB_FL_*. */
export type EventSubscription = Pick<v4l2_event_subscription, 'type' | 'id'> &
  Partial<Pick<v4l2_event_subscription, 'flags'>>;

/** Room for one event. @kernel v4l2_kevent */
export class EventSlot {
  readonly sev: V4l2SubscribedEvent;
  readonly event: v4l2_event = v4l2_event.make();
  /** Its place in the queue of the file while it waits there. */
  readonly entry: ListEntry<EventSlot> = new ListEntry<EventSlot>(this);
  /** When it was raised, in nanoseconds of CLOCK_MONOTONIC. */
  time = 0;

  constructor(sev: V4l2SubscribedEvent) {
    this.sev = sev;
  }
}

/**
 * A subscription of an open file to events of one type and id, with room for as many as it asked for: made once, so an
 * event allocates nothing.
 *
 * @kernel v4l2_subscribed_event
 */
export class V4l2SubscribedEvent {
  readonly type: number;
  readonly id: number;
  /** V4L2_EVENT_SUB_FL_*, as the first subscription gave them. */
  readonly flags: number;
  readonly fh: V4l2Fh;
  readonly ops: V4l2SubscribedEventOps | undefined;
  readonly #slots: readonly EventSlot[];
  /** The slot of the oldest event that waits, if one does. */
  #first = 0;
  #inUse = 0;

  constructor(
    fh: V4l2Fh,
    { type, id, flags = 0 }: EventSubscription,
    elems: number,
    ops: V4l2SubscribedEventOps | undefined,
  ) {
    this.fh = fh;
    this.type = type;
    this.id = id;
    this.flags = flags;
    this.ops = ops;
    this.#slots = Array.from({ length: elems }, () => new EventSlot(this));
  }

  /** For how many events there is room. */
  get elems(): number {
    return this.#slots.length;
  }

  get isFull(): boolean {
    return this.#inUse === this.#slots.length;
  }

  /** The event that waits as number `n` of this subscription, counted from the oldest. */
  waiting(n: number): EventSlot | undefined {
    return n < this.#inUse ? this.#slots[(this.#first + n) % this.#slots.length] : undefined;
  }

  /** The slot for one event more; there must be room. */
  take(): EventSlot {
    const slot = this.#slots[(this.#first + this.#inUse) % this.#slots.length] as EventSlot;
    this.#inUse++;
    return slot;
  }

  /** The oldest event has gone: delivered, or dropped. */
  giveBack(): void {
    this.#first = (this.#first + 1) % this.#slots.length;
    this.#inUse--;
  }

  /** The last {@link giveBack} has not been; false if its slot has another event by now. */
  takeBack(): boolean {
    if (this.isFull) return false;
    this.#first = (this.#first + this.#slots.length - 1) % this.#slots.length;
    this.#inUse++;
    return true;
  }
}
