/** Nodes that several programs read at once: each open file has a queue of its own. */
import { driverBug } from '../../base/bug.ts';
import { ENODEV, Errno } from '../../base/errno.ts';
import { fhQueueFops, fhQueueIoctlOps, type V4l2Fh, type V4l2FileOperations } from '../../v4l2-core/index.ts';
import type { Vb2Queue } from '../../videobuf2/index.ts';

export const readersChoices = ['one', 'many'] as const;
/** one: the node has one queue, as a camera. many: each open file has its own, and sees all frames. */
export type Readers = (typeof readersChoices)[number];

export interface Reader {
  readonly queue: Vb2Queue;
}

/** The readers of one node. */
export class FileReaders<R extends Reader> {
  readonly #make: (fh: V4l2Fh) => R;
  readonly #ended: (reader: R) => void;

  /** `make` gives the reader of a file that is opened; `ended` hears of each that is closed. */
  constructor(make: (fh: V4l2Fh) => R, ended: (reader: R) => void) {
    this.#make = make;
    this.#ended = ended;
  }

  queueOf = (fh: V4l2Fh): Vb2Queue => this.#readerOf(fh).queue;

  #readerOf(fh: V4l2Fh): R {
    // Filled by open() below, and by nobody else.
    const reader = fh.drvPriv as R | undefined;
    if (reader !== undefined) return reader;
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
        fh.drvPriv = reader;
        fh.bindQueue(reader.queue);
      },
      release: (fh) => {
        const reader = this.#readerOf(fh);
        queueFops.release(fh);
        this.#ended(reader);
      },
    } satisfies V4l2FileOperations;
  }
}
