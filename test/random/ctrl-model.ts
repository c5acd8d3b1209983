/** What an open file is told of, by the rules of events, and nothing else. */
import { V4L2_EVENT_CTRL } from '../../src/abi/index.ts';

/** What an event is told by. */
export interface Told {
  readonly type: number;
  readonly id: number;
  /** V4L2_EVENT_CTRL_CH_*, 0 if it is no event of a control. */
  readonly changes: number;
  readonly value: number;
}

export interface Waiting extends Told {
  readonly sequence: number;
}

interface Subscription {
  readonly feedback: boolean;
  /** For how many events there is room. */
  readonly room: number;
}

const keyOf = ({ type, id }: Pick<Told, 'type' | 'id'>): string => `${type} ${id}`;

export class ModelFile {
  waiting: Waiting[] = [];
  /** How many events were lost for want of room, or joined with another. */
  missed = 0;
  #sequence = 0;
  readonly #subscriptions = new Map<string, Subscription>();

  get isSubscribed(): boolean {
    return this.#subscriptions.size > 0;
  }

  /** True if it is new. */
  subscribe(what: Pick<Told, 'type' | 'id'>, subscription: Subscription): boolean {
    const key = keyOf(what);
    if (this.#subscriptions.has(key)) return false;
    this.#subscriptions.set(key, subscription);
    return true;
  }

  unsubscribe(what: Pick<Told, 'type' | 'id'>): void {
    this.#subscriptions.delete(keyOf(what));
    this.waiting = this.waiting.filter((each) => keyOf(each) !== keyOf(what));
  }

  unsubscribeAll(): void {
    this.#subscriptions.clear();
    this.waiting = [];
  }

  /** Something has happened, by this file's own doing or not; false if it is not told. */
  raise(told: Told, isOwn: boolean): boolean {
    const subscription = this.#subscriptions.get(keyOf(told));
    if (subscription === undefined || (isOwn && !subscription.feedback)) return false;
    const alike = this.waiting.filter((each) => keyOf(each) === keyOf(told));
    const [oldest] = alike;
    let { changes } = told;
    if (oldest !== undefined && alike.length === subscription.room) {
      this.waiting = this.waiting.filter((each) => each !== oldest);
      if (told.type === V4L2_EVENT_CTRL) changes |= oldest.changes;
      this.missed++;
    }
    this.waiting.push({ ...told, changes, sequence: this.#sequence++ });
    return true;
  }

  /** What VIDIOC_DQEVENT gives. */
  take(): (Waiting & { readonly pending: number }) | undefined {
    const next = this.waiting.shift();
    return next && { ...next, pending: this.waiting.length };
  }
}
