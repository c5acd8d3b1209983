import { V4L2_FIELD_ALTERNATE, V4L2_FIELD_BOTTOM, V4L2_FIELD_TOP, VIDEO_MAX_FRAME } from '../../abi/index.ts';
import { List } from '../../base/list.ts';
import type { Clock } from '../../base/timers.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { DmaArena } from '../../memory/index.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import type { File, UserMemory } from '../../vfs/file.ts';
import { VideobufBuffer } from './buffer.ts';
import { Mutex, type SpinLock } from './locks.ts';
import type { VideobufQueueOps } from './ops.ts';
import type { VideobufQtypeOps } from './qtype-ops.ts';
import { Background, Tasks } from './sleep.ts';

/** The device that a queue is for, as far as memory and time are concerned: `struct device`. */
export interface VideobufDevice {
  /** For reports. */
  readonly name: string;
  readonly clock: Clock;
  /** Where memory comes from that programs map. */
  readonly pages: PageAllocator;
  /** The addresses that its DMA engine has; for the two DMA kinds. */
  readonly arena?: DmaArena;
}

/** Makes a buffer: a class that the driver has made of {@link VideobufBuffer}. */
export type VideobufBufferClass<B extends VideobufBuffer> = new (q: VideobufQueue, i: number) => B;

/** What a queue is initialised with: the parameters of the kernel's `videobuf_queue_*_init`. */
export interface VideobufQueueConfig<D, B extends VideobufBuffer = VideobufBuffer> {
  readonly ops: VideobufQueueOps<D, B>;
  readonly dev: VideobufDevice;
  /** Between the driver and its interrupts; held while bufQueue is called. */
  readonly irqlock?: SpinLock;
  /** V4L2_BUF_TYPE_*. */
  readonly type: number;
  /** V4L2_FIELD_*: which field is captured. */
  readonly field: number;
  /** The driver's own class of buffers, if it has one. In the kernel: `msize`, the size of its struct. */
  readonly buffer?: VideobufBufferClass<B>;
  /** The driver's own, found as `privData`. */
  readonly priv: D;
  /**
   * A lock of the whole device, taken around every operation in the place of the queue's own (kernels from 2.6.37 on). A
   * sleep on a buffer gives it back meanwhile, one on an empty stream does not.
   */
  readonly extLock?: Mutex;
}

/**
 * A queue of buffers: of a device, or of each open file of it. Made by `videobufQueueSgInit`, `videobufQueueVmallocInit` or
 * `videobufQueueDmaContigInit`.
 *
 * @kernel videobuf_queue
 */
export class VideobufQueue<D = unknown, B extends VideobufBuffer = VideobufBuffer> {
  readonly ops: VideobufQueueOps<D, B>;
  readonly dev: VideobufDevice;
  readonly irqlock: SpinLock | undefined;
  readonly type: number;
  readonly field: number;
  readonly privData: D;
  /** What its kind of memory does. */
  readonly intOps: VideobufQtypeOps;
  readonly bufs: (B | undefined)[] = Array.from({ length: VIDEO_MAX_FRAME }, () => undefined);
  /** What the program has queued, in that order; while it reads, what it has not begun to read. */
  readonly stream = new List<VideobufBuffer>();
  streaming = false;
  reading = false;
  /** The buffer that read() is at, and how many bytes of it have been read. */
  readBuf: B | undefined = undefined;
  readOff = 0;

  /** Who sleeps in DQBUF because nothing is queued. */
  readonly wait = new WaitQueue();
  /** Woken whenever the answer of poll() may have changed: what the V4L2 core asks of a queue. */
  readonly doneWq = new WaitQueue();
  /** `vb_lock`, or the external lock. */
  readonly lock: Mutex;
  readonly hasExtLock: boolean;
  readonly background: Background;
  readonly tasks: Tasks;
  /** The memory of the program whose call is carried out, for `videobufIolock`. */
  userMemory: UserMemory | undefined = undefined;

  readonly #buffer: VideobufBufferClass<B>;
  #last = V4L2_FIELD_BOTTOM;
  /** Open files that have polled. */
  readonly #pollers = new Set<File>();

  constructor(config: VideobufQueueConfig<D, B>, intOps: VideobufQtypeOps) {
    this.ops = config.ops;
    this.dev = config.dev;
    this.irqlock = config.irqlock;
    this.type = config.type;
    this.field = config.field;
    this.privData = config.priv;
    this.intOps = intOps;
    this.lock = config.extLock ?? new Mutex();
    this.hasExtLock = config.extLock !== undefined;
    // Without a class of its own a driver has ordinary buffers, and B is what they are.
    this.#buffer = config.buffer ?? (VideobufBuffer as unknown as VideobufBufferClass<B>);
    this.background = new Background(config.dev.clock);
    this.tasks = new Tasks(this.background);
  }

  /** For reports. */
  get name(): string {
    return this.dev.name;
  }

  /** A buffer with the memory of this kind, which is on no list yet. @kernel videobuf_alloc_vb */
  allocVb(i: number): B {
    const vb = new this.#buffer(this, i);
    this.intOps.allocVb(vb);
    return vb;
  }

  nextField(): number {
    if (this.field !== V4L2_FIELD_ALTERNATE) return this.field;
    this.#last = this.#last === V4L2_FIELD_TOP ? V4L2_FIELD_BOTTOM : V4L2_FIELD_TOP;
    return this.#last;
  }

  polledBy(file: File): void {
    this.#pollers.add(file);
  }

  /** True if an open file with somebody behind it waits for `vb`. */
  isPolledFor(vb: VideobufBuffer): boolean {
    if (this.#pollers.size === 0 || (vb !== this.readBuf && vb !== this.stream.first?.item)) return false;
    for (const file of this.#pollers) if (!file.pollWait.empty) return true;
    return false;
  }

  /**
   * The device goes while the file is open: streaming ends, buffers that the driver has not begun with are given back,
   * who waits is woken. What is mapped stays until it is unmapped.
   */
  vanish(): void {
    this.streaming = false;
    this.reading = false;
    // A read() of single frames has a buffer that is none of these.
    for (const vb of new Set([...this.bufs, this.readBuf])) {
      if (vb === undefined || vb.state !== 'QUEUED') continue;
      vb.queue.list?.remove(vb.queue);
      vb.state = 'ERROR';
      vb.done.wakeUp();
    }
    this.stream.clear();
    this.wait.wakeUp();
    this.doneWq.wakeUp();
  }
}

/** The buffers that there are, in their order. */
export function* eachBuffer<B extends VideobufBuffer>(q: VideobufQueue<unknown, B>): Generator<B> {
  for (const vb of q.bufs) if (vb !== undefined) yield vb;
}
