/** Nodes that several programs read at once: each open file has a queue of its own. */
import { driverBug } from '../../base/bug.ts';
import { ENODEV, Errno } from '../../base/errno.ts';
import {
  bindQueue,
  fhQueueFops,
  fhQueueIoctlOps,
  type V4l2Fh,
  type V4l2FileOperations,
} from '../../v4l2-core/index.ts';
import type { Vb2Queue } from '../../videobuf2/index.ts';

export const readersChoices = ['one', 'many'] as const;
/** one: the node has one queue, as a camera. many: each open file has its own, and sees all frames. */
export type Readers = (typeof readersChoices)[number];

/** A reader knows its queue, whatever the queue knows as its driver data. */
export interface Reader {
  readonly queue: object;
}

interface Own<R> {
  readonly reader: R;
  readonly unbind: () => void;
}

/** The readers of one node. */
export class FileReaders<R extends Reader> {
  readonly #make: (fh: V4l2Fh) => R;
  readonly #owns = new WeakMap<V4l2Fh, Own<R>>();
  readonly #ended: (reader: R) => void;

  /** `make` gives the reader of a file that is opened; `ended` hears of each that is closed. */
  constructor(make: (fh: V4l2Fh) => R, ended: (reader: R) => void) {
    this.#make = make;
    this.#ended = ended;
  }

  queueOf = (fh: V4l2Fh): Vb2Queue => this.#ownOf(fh).reader.queue as Vb2Queue;

  #ownOf(fh: V4l2Fh): Own<R> {
    const own = this.#owns.get(fh);
    if (own !== undefined) return own;
    driverBug(`${fh.vdev.label}: an open file has no queue`);
    throw new Errno(ENODEV, 'the open file has no queue');
  }

  ioctlOps() {
    return fhQueueIoctlOps(this.queueOf);
  }

  fops() {
    const queueFops = fhQueueFops(this.queueOf);
    return {
      ...queueFops,
      open: (fh) => {
        const reader = this.#make(fh);
        this.#owns.set(fh, { reader, unbind: bindQueue(fh, reader.queue as Vb2Queue) });
      },
      release: (fh) => {
        const { reader, unbind } = this.#ownOf(fh);
        queueFops.release(fh);
        this.#ended(reader);
        unbind();
      },
    } satisfies V4l2FileOperations;
  }
}
