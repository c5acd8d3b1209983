/**
 * The buffer queue of one stream, without any knowledge of V4L2 structs.
 *
 * Where it lives: in the object of the stream (one per device node that streams, one per direction of a
 * mem2mem context). Make it before the node is registered and give it to the node (`queue` of the VideoDevice) or, in
 * the driver's open(), to the open file (`fh.bindQueue`): the close of the owner's file frees the buffers, and a
 * device that goes calls `vanish()`, so that nobody waits for it any more. A device that is there and can't go on
 * calls `error()`.
 */
import type { Clock } from '../../base/timers.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { DmaDirection, Vb2MemOps } from '../../memory/mem-ops.ts';
import type { Caller } from '../../vfs/file.ts';
import { freeAllBuffers } from './allocate.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { queueCancel } from './cancel.ts';
import { maxBuffers } from './cookies.ts';
import { offeredModes, VB2_DEFAULT_MAX_BUFFERS } from './io-modes.ts';
import type { Vb2Ops } from './ops.ts';
import { QueueState, STATE, wakeDqbuf } from './queue-state.ts';

/** What a driver says of a queue when it makes it; none of it can be changed afterwards. @kernel vb2_queue */
export interface Vb2QueueConfig<D> {
  /** For reports and traces, e.g. `vivi-000-vid-cap`. */
  readonly name: string;
  /** V4L2_BUF_TYPE_*; opaque here, and what the ioctls of the queue must name. @kernel type */
  readonly type: number;
  /** Frames go from the program to the device. @kernel is_output */
  readonly isOutput: boolean;
  /** Buffers are described by an array of planes, also if there is one. @kernel is_multiplanar */
  readonly isMultiplanar: boolean;
  /**
   * VB2_MMAP | VB2_READ …: what programs may use. Without any of the three kinds of memory in it, programs may use all
   * that `memOps` can do; VB2_READ and VB2_WRITE have to be named.
   *
   * @kernel io_modes
   */
  readonly ioModes?: number;
  /** What the driver does with buffers; one table may serve any number of queues. @kernel ops */
  readonly ops: Vb2Ops<D>;
  /** Where planes have their memory, unless queueSetup says otherwise for one. @kernel mem_ops */
  readonly memOps: Vb2MemOps;
  /** What ops find as `q.drvPriv`. @kernel drv_priv */
  readonly drvPriv: D;
  /** What time it is for frames that read() and write() queue, and when a Vb2Thread runs. */
  readonly clock: Clock;
  /**
   * V4L2_BUF_FLAG_TIMESTAMP_* | V4L2_BUF_FLAG_TSTAMP_SRC_*: whether `vb.timestamp` is of CLOCK_MONOTONIC, which the driver
   * sets before done(), or copied from an output buffer; and at which end of the frame it was taken.
   *
   * @kernel timestamp_flags
   */
  readonly timestampFlags: number;
  /** startStreaming waits until so many buffers are queued. 0: STREAMON always starts. @kernel min_queued_buffers */
  readonly minQueuedBuffers?: number;
  /** REQBUFS never allocates less; at least `minQueuedBuffers`. @kernel min_reqbufs_allocation */
  readonly minReqbufsAllocation?: number;
  /**
   * Indexes are below it. VB2_DEFAULT_MAX_BUFFERS if left out; if not, CREATE_BUFS tells programs.
   *
   * @kernel max_num_buffers
   */
  readonly maxNumBuffers?: number;
  /** V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS is announced; the node then must offer VIDIOC_REMOVE_BUFS. */
  readonly supportsRemoveBufs?: boolean;
  /** Programs may ask for non-coherent memory and skip cache operations. @kernel allow_cache_hints */
  readonly allowCacheHints?: boolean;
  /** An output frame of 0 bytes is meant so, and is not an old program's "all of it". @kernel allow_zero_bytesused */
  readonly allowZeroBytesused?: boolean;
  /** The driver also reads what it captures, or writes what it shows. @kernel bidirectional */
  readonly bidirectional?: boolean;
  /**
   * read() comes to an end after each frame: the one after it returns 0, and the next begins with a new frame.
   *
   * @kernel fileio_read_once
   */
  readonly fileioReadOnce?: boolean;
  /** Every write() is a frame, however short. @kernel fileio_write_immediately */
  readonly fileioWriteImmediately?: boolean;
}

/**
 * What a driver has of it: what it said (see {@link Vb2QueueConfig}), getters, and methods. The state is the framework's
 * own, and so are the buffers but for those that bufQueue gave out.
 */
export class Vb2Queue<D = unknown> {
  readonly name: string;
  readonly type: number;
  readonly isOutput: boolean;
  readonly isMultiplanar: boolean;
  readonly ioModes: number;
  readonly ops: Vb2Ops<D>;
  readonly memOps: Vb2MemOps;
  readonly drvPriv: D;
  readonly clock: Clock;
  readonly timestampFlags: number;
  readonly minQueuedBuffers: number;
  readonly minReqbufsAllocation: number;
  readonly maxNumBuffers: number;
  /** True if CREATE_BUFS tells `maxNumBuffers`: when the driver gave a number of its own. */
  readonly saysMaxNumBuffers: boolean;
  readonly supportsRemoveBufs: boolean;
  readonly allowCacheHints: boolean;
  readonly allowZeroBytesused: boolean;
  /** Which way data goes through the memory of the buffers. */
  readonly direction: DmaDirection;
  readonly fileioReadOnce: boolean;
  readonly fileioWriteImmediately: boolean;

  /**
   * Woken whenever the answer of poll may have changed, in either direction. Who polls adds itself; the V4L2 core does
   * so for every open file of the node.
   */
  readonly doneWq = new WaitQueue();

  /** The framework's own. */
  readonly [STATE] = new QueueState<D>();

  /** @kernel vb2_queue_init */
  constructor(config: Vb2QueueConfig<D>) {
    this.name = config.name;
    this.type = config.type;
    this.isOutput = config.isOutput;
    this.isMultiplanar = config.isMultiplanar;
    this.ioModes = offeredModes(config.ioModes ?? 0, config.memOps);
    this.ops = config.ops;
    this.memOps = config.memOps;
    this.drvPriv = config.drvPriv;
    this.clock = config.clock;
    this.timestampFlags = config.timestampFlags;
    this.minQueuedBuffers = config.minQueuedBuffers ?? 0;
    this.minReqbufsAllocation = Math.max(config.minReqbufsAllocation ?? 1, this.minQueuedBuffers);
    this.saysMaxNumBuffers = config.maxNumBuffers !== undefined;
    this.maxNumBuffers = Math.min(config.maxNumBuffers ?? VB2_DEFAULT_MAX_BUFFERS, maxBuffers());
    this.supportsRemoveBufs = config.supportsRemoveBufs ?? false;
    this.allowCacheHints = config.allowCacheHints ?? false;
    this.allowZeroBytesused = config.allowZeroBytesused ?? false;
    this.fileioReadOnce = config.fileioReadOnce ?? false;
    this.fileioWriteImmediately = config.fileioWriteImmediately ?? false;
    this.direction = config.bidirectional ? 'BIDIRECTIONAL' : config.isOutput ? 'TO_DEVICE' : 'FROM_DEVICE';
    if (this.minReqbufsAllocation > this.maxNumBuffers) {
      throw new TypeError(
        `${this.name}: needs ${this.minReqbufsAllocation} buffers, may have ${this.maxNumBuffers}`,
      );
    }
  }

  /** Buffers that there are, whatever their state: what queueSetup looks at to tell the first ones. */
  get numBuffers(): number {
    return this[STATE].numBuffers;
  }

  /** Buffers between QBUF and DQBUF. */
  get numQueued(): number {
    return this[STATE].queuedList.length;
  }

  /** VB2_MEMORY_* of the buffers, VB2_MEMORY_UNKNOWN while there are none. */
  get memory(): number {
    return this[STATE].memory;
  }

  /**
   * The open file that allocated the buffers, by REQBUFS, CREATE_BUFS, read() or write(), until it frees them or is
   * closed. No other may touch them.
   */
  get owner(): unknown {
    return this[STATE].owner;
  }

  /** Buffers are allocated, so the format must not change. @kernel vb2_is_busy */
  isBusy(): boolean {
    return this[STATE].busy;
  }

  /** Between STREAMON and STREAMOFF. @kernel vb2_is_streaming */
  isStreaming(): boolean {
    return this[STATE].streaming;
  }

  /** startStreaming has been called and stopStreaming not yet. @kernel vb2_start_streaming_called */
  isStarted(): boolean {
    return this[STATE].startStreamingCalled;
  }

  /** The buffer with this index, `undefined` if there is none. @kernel vb2_get_buffer */
  buffer(index: number): Vb2Buffer<D> | undefined {
    return this[STATE].bufs[index];
  }

  /**
   * Called by a driver whose device can't go on: QBUF and DQBUF say EIO and poll says ERR until STREAMOFF.
   * Buffers that the driver has it gives back as usual. May be called from anywhere, also twice.
   *
   * @kernel vb2_queue_error
   */
  error(): void {
    this[STATE].failed = true;
    wakeDqbuf(this);
  }

  /**
   * Stops streaming (the driver gives back what it has, in stopStreaming) and frees all buffers, read() and Vb2Thread
   * ended; the queue can be used again. Called by the framework when its owner is closed, and by a driver that made the
   * queue for one open file, when that is. May be called at any time, cannot fail.
   *
   * @kernel vb2_core_queue_release
   */
  release(): void {
    this[STATE].fileio?.end();
    this[STATE].fileio = undefined;
    this[STATE].fileioActive = false;
    this[STATE].fileioAtEnd = false;
    queueCancel(this);
    freeAllBuffers(this);
    this[STATE].busy = false;
    this[STATE].waitingForBuffers = false;
    // Whoever it was has been woken and will not find the queue again.
    this[STATE].dqbufWaiter = undefined;
    this.doneWq.changed();
  }

  /**
   * The device is gone: as release(), and the open file that owned the queue owns it no longer. Who sleeps in DQBUF, read()
   * or write() is woken and finds that nothing streams.
   *
   * @kernel vb2_video_unregister_device
   */
  vanish(): void {
    this.release();
    this[STATE].owner = undefined;
    this[STATE].gone = true;
    wakeDqbuf(this);
  }

  /**
   * Called by a driver that finds out that the frames it has made are no good, before the program has taken
   * them: all that are done become ERROR.
   *
   * @kernel vb2_discard_done
   */
  discardDone(): void {
    for (let entry = this[STATE].doneList.first; entry !== undefined; entry = entry.next) {
      if (entry.item.state === 'DONE') transition(entry.item, TRANSITIONS.discard);
    }
  }

  /**
   * Waits until the driver has given back every buffer it was handed: 0, or WOULD_BLOCK while it works on some. For a
   * driver that must not begin something before the last frame is out.
   *
   * @kernel vb2_wait_for_all_buffers
   */
  waitForAllBuffers(caller: Caller): number {
    return this[STATE].streaming && this[STATE].ownedByDriver > 0 ? caller.sleep(this.doneWq) : 0;
  }
}
