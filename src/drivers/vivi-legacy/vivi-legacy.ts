/**
 * The state of the device and of its open files. One list of buffers for all of them, which a thread goes through: here a
 * FrameClock that runs while anybody streams or reads.
 */
import { V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_FIELD_NONE } from '../../abi/index.ts';
import { describeThrown, driverBug } from '../../base/bug.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { List } from '../../base/list.ts';
import { DmaArena } from '../../memory/index.ts';
import type { FormatInfo } from '../../pixel/index.ts';
import {
  type Sleeping,
  SpinLock,
  type VideobufBuffer,
  type VideobufDevice,
  type VideobufQueue,
  type VideobufQueueOps,
  videobufIolock,
  videobufMmapFree,
  videobufQueueIsBusy,
  videobufStop,
  videobufWaiton,
  waitqueueActive,
} from '../../videobuf/index.ts';
import type { CameraIdentity, CameraSurroundings } from '../lib/driver-module.ts';
import { FrameClock } from '../lib/frame-clock.ts';
import { type FrameFormat, frameFormat, isSameShape, nearestFormat } from '../lib/frame-format.ts';
import { intervalsWith, type TimePerFrame } from '../lib/frame-interval.ts';
import { type FrameSize, nearestSize, sizesWith } from '../lib/frame-size.ts';
import type { ListedRates } from '../lib/listed-rates.ts';
import { packedFormats } from '../lib/packed-formats.ts';
import { usualLimits } from '../lib/usual-limits.ts';
import { ViviPicture } from '../vivi/vivi-picture.ts';
import { ViviView } from '../vivi/vivi-view.ts';
import { freeBuffer, LegacyEngine, type LegacyMemory, queueInits } from './legacy-memory.ts';

/** Addresses that its DMA engine has. */
const DMA_BYTES = 2 ** 30;
/** What a program may have in buffers, as the `vid_limit` of vivi: 16 MB. */
const VID_LIMIT = 16 * 1024 * 1024;
const READ_BUFFERS = 4;

export interface ViviLegacyConfig {
  readonly identity: CameraIdentity;
  readonly memory: LegacyMemory;
  readonly read: 'stream' | 'one';
  readonly size: FrameSize;
  readonly format: FormatInfo;
  readonly timeperframe: TimePerFrame;
}

/** An open file: each has a queue of its own. */
export class ViviLegacyFile {
  readonly device: ViviLegacy;
  readonly queue: VideobufQueue<ViviLegacyFile>;

  constructor(device: ViviLegacy) {
    this.device = device;
    this.queue = queueInits[device.config.memory]<ViviLegacyFile>({
      ops: queueOps,
      dev: device.dev,
      irqlock: device.irqlock,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      field: V4L2_FIELD_NONE,
      priv: this,
    });
  }

  /** The last close: what goes on is stopped, then everything is freed. */
  *release(): Sleeping<void> {
    yield* videobufStop(this.queue);
    yield* videobufMmapFree(this.queue);
    this.device.files.delete(this);
  }
}

export class ViviLegacy implements ListedRates {
  readonly config: ViviLegacyConfig;
  readonly dev: VideobufDevice;
  readonly irqlock = new SpinLock();
  /** Buffers to be filled, of all open files, in the order in which they were queued. */
  readonly active = new List<VideobufBuffer>();
  readonly files = new Set<ViviLegacyFile>();
  /** As the ioctls of inputs want it, which it shares with vivi. */
  readonly own: { readonly view: ViviView };
  readonly formats = packedFormats;
  readonly limits = usualLimits;
  readonly sizes: readonly FrameSize[];
  readonly intervals: readonly TimePerFrame[];
  readonly defaultTimeperframe: TimePerFrame;
  readonly #engine: LegacyEngine;
  readonly #thread: FrameClock;
  #picture: ViviPicture;
  #format: FrameFormat;
  #timeperframe: TimePerFrame;
  #frames = 0;

  constructor(config: ViviLegacyConfig, { clock, pages }: CameraSurroundings) {
    const arena = new DmaArena({ size: DMA_BYTES });
    this.config = config;
    this.own = { view: new ViviView(clock) };
    this.dev = { name: config.identity.label, clock, pages, arena };
    this.sizes = sizesWith(config.size, usualLimits);
    this.intervals = intervalsWith(config.timeperframe);
    this.defaultTimeperframe = config.timeperframe;
    this.#timeperframe = config.timeperframe;
    this.#engine = new LegacyEngine(config.memory, arena);
    this.#thread = new FrameClock(clock, (_, time) => this.#tick(time));
    this.#format = frameFormat(config.format, config.size);
    this.#picture = this.#pictureOf(this.#format);
  }

  get format(): FrameFormat {
    return this.#format;
  }

  get timeperframe(): TimePerFrame {
    return this.#timeperframe;
  }

  setTimeperframe(interval: TimePerFrame): void {
    this.#timeperframe = interval;
    this.#thread.changeInterval(interval);
  }

  /** What a program gets that asks for this: the format that there is while others have buffers of it in use. */
  nearest(fourcc: number, size: FrameSize, own: ViviLegacyFile): FrameFormat {
    for (const file of this.files) if (file !== own && videobufQueueIsBusy(file.queue)) return this.#format;
    return frameFormat(nearestFormat(this.formats, fourcc), nearestSize(size, this.limits));
  }

  /** The same, and that is the format from then on. Buffers that are only requested are not in the way. */
  setNearest(fourcc: number, size: FrameSize, own: ViviLegacyFile): FrameFormat {
    if (videobufQueueIsBusy(own.queue)) throw new Errno(EBUSY, 'buffers of the old format are in use');
    const format = this.nearest(fourcc, size, own);
    if (!isSameShape(format, this.#format)) {
      this.#format = format;
      this.#picture = this.#pictureOf(format);
    }
    return this.#format;
  }

  /** @kernel buffer_queue */
  push(vb: VideobufBuffer): void {
    this.active.addTail(vb.queue);
    if (!this.#thread.isRunning) this.#start();
  }

  #start(): void {
    const { numerator, denominator } = this.#timeperframe;
    this.#thread.start(
      this.#timeperframe,
      this.dev.clock.now() + Math.floor((numerator * 1e9) / denominator),
    );
  }

  #pictureOf(format: FrameFormat): ViviPicture {
    return new ViviPicture(format, this.own.view);
  }

  /**
   * A frame falls due: the oldest buffer that somebody waits for is filled, the others stay in the list. That is how the
   * document has it.
   *
   * @kernel vivi_thread_tick
   */
  #tick(time: number): void {
    if (this.active.length === 0) {
      if (![...this.files].some(({ queue }) => queue.streaming || queue.reading)) this.#thread.stop();
      return;
    }
    const vb = this.#awaited();
    if (vb === undefined) return;
    this.irqlock.lock('the thread of vivi');
    this.active.remove(vb.queue);
    vb.state = 'ACTIVE';
    const isWhole = this.#paint(vb, time);
    vb.fieldCount = this.#frames * 2;
    this.#frames++;
    vb.ts = time;
    vb.state = isWhole ? 'DONE' : 'ERROR';
    this.irqlock.unlock();
    vb.done.wakeUp();
  }

  /** Of one open file only the first can be awaited; one that nobody asks for is not in the way of others. */
  #awaited(): VideobufBuffer | undefined {
    for (let at = this.active.first; at !== undefined; at = at.next)
      if (waitqueueActive(at.item)) return at.item;
    return undefined;
  }

  /** @kernel vivi_fillbuff */
  #paint(vb: VideobufBuffer, time: number): boolean {
    try {
      const number = this.#frames;
      return this.#engine.fill(vb, (target) => this.#picture.fill(target, number, time));
    } catch (thrown) {
      driverBug(`${this.dev.name}: what makes its frames threw ${describeThrown(thrown)}`);
      return false;
    }
  }
}

/** What the queue wants to know and wants done. The contract of each function is in videobuf/core/ops.ts. */
const queueOps: VideobufQueueOps<ViviLegacyFile> = {
  bufSetup({ privData: { device } }, setup) {
    setup.size = device.format.planeSizes[0] ?? 0;
    if (setup.count === 0) setup.count = READ_BUFFERS;
    const most = Math.max(1, Math.floor(VID_LIMIT / setup.size));
    setup.count = Math.min(setup.count, most);
  },

  bufPrepare(q, vb, field) {
    const { format } = q.privData.device;
    vb.width = format.width;
    vb.height = format.height;
    vb.size = format.planeSizes[0] ?? 0;
    vb.field = field;
    if (vb.baddr !== 0 && vb.bsize < vb.size)
      throw new Errno(EINVAL, `${vb.bsize} bytes cannot hold a frame of ${vb.size}`);
    if (vb.state === 'NEEDS_INIT') videobufIolock(q, vb);
    vb.state = 'PREPARED';
  },

  bufQueue({ privData: { device } }, vb) {
    vb.state = 'QUEUED';
    device.push(vb);
  },

  *bufRelease(q, vb) {
    yield* videobufWaiton(vb, false, false);
    freeBuffer(q.privData.device.config.memory, q, vb);
    vb.state = 'NEEDS_INIT';
  },
};
