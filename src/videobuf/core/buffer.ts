import { ListEntry } from '../../base/list.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { UserAddress } from '../../vfs/file.ts';
import type { VideobufMapping } from './mmap.ts';
import type { VideobufQueue } from './queue.ts';

/**
 * The states of a buffer. Most are set by the driver, as it works on the buffer; what the framework sets is in brackets.
 *
 *     NEEDS_INIT ── bufPrepare ── PREPARED ── bufQueue ── QUEUED ── ACTIVE ── DONE | ERROR ── [IDLE] ── bufPrepare …
 *
 * bufRelease takes it from any of them back to NEEDS_INIT; [ERROR] is what a buffer is that waits in the driver's list when
 * the stream is cancelled.
 *
 * @kernel videobuf_state
 */
export const VIDEOBUF_STATES = [
  'NEEDS_INIT',
  'PREPARED',
  'QUEUED',
  'ACTIVE',
  'DONE',
  'ERROR',
  'IDLE',
] as const;
export type VideobufState = (typeof VIDEOBUF_STATES)[number];

/** What `baddr` is of a buffer that a program has mapped: not 0. Where it is, only the program's kernel knows. */
export const MAPPED_SOMEWHERE = 1;

/** Who waits for one buffer. Whoever polls an open file hears of it through the queue. */
class DoneQueue extends WaitQueue {
  readonly #q: VideobufQueue;

  constructor(q: VideobufQueue) {
    super();
    this.#q = q;
  }

  override wakeUp(): void {
    super.wakeUp();
    this.#q.doneWq.wakeUp();
  }
}

/**
 * A buffer. A driver that wants to keep more with each of them makes a class of it and gives that to the queue (in the
 * kernel: a struct that begins with a videobuf_buffer, and `msize`).
 *
 * @kernel videobuf_buffer
 */
export class VideobufBuffer {
  readonly q: VideobufQueue;
  /** Its index. */
  readonly i: number;
  state: VideobufState = 'NEEDS_INIT';

  // Set by the driver in bufPrepare.
  width = 0;
  height = 0;
  bytesperline = 0;
  /** Bytes of a frame; of the frame that is in it, when it is done. */
  size = 0;
  field = 0;

  // Set by the driver when the buffer is done.
  /** Counts fields: programs are told half of it as the sequence number. */
  fieldCount = 0;
  /** Nanoseconds of CLOCK_MONOTONIC. */
  ts = 0;

  /** Its place among the buffers that the program has queued, in their order. The framework's. */
  readonly stream: ListEntry<VideobufBuffer> = new ListEntry<VideobufBuffer>(this);
  /** Its place in the driver's list of available buffers. */
  readonly queue: ListEntry<VideobufBuffer> = new ListEntry<VideobufBuffer>(this);
  /** Who waits for it; the driver wakes it when it has set the state to DONE or ERROR. */
  readonly done: WaitQueue;

  /** V4L2_MEMORY_*. */
  memory = 0;
  /** Bytes that there are for it. */
  bsize = 0;
  /** The offset at which a program maps it. */
  boff = 0;
  /** Where the program's memory is (USERPTR); not 0 while it is mapped (MMAP). */
  baddr: UserAddress = 0;
  /** The last of its mappings that was made. */
  map: VideobufMapping | undefined = undefined;
  /** What its kind of memory keeps: see `videobufToVmalloc`, `videobufToDma`, `videobufToDmaContig`. */
  priv: object | undefined = undefined;

  constructor(q: VideobufQueue, i: number) {
    this.q = q;
    this.i = i;
    this.done = new DoneQueue(q);
  }
}

/**
 * True if somebody waits for the buffer: asleep in DQBUF or read(), or in poll() with this buffer at the head. Of a program
 * that has a face to poll, nobody can tell when it does: it counts as one that waits for the head all the time.
 *
 * @kernel waitqueue_active
 */
export function waitqueueActive(vb: VideobufBuffer): boolean {
  return !vb.done.empty || vb.q.isPolledFor(vb);
}
