/**
 * The measuring driver: it finishes a frame when it is told to, so that every state is exact, and reports what it is called
 * with, together with the state of the buffer. What the real framework did under such a driver is in transcripts/.
 *
 *     usercam run --camera ./measuring.ts,memory=dma-sg -- vb1probe 'req*'
 *
 * It is told what to do through a second node: a text is written with VIDIOC_S_EDID, an answer read with VIDIOC_G_EDID.
 */
import {
  choiceSetting,
  DmaArena,
  defineDriver,
  EBUSY,
  EINVAL,
  EIO,
  Errno,
  fillCapability,
  List,
  type Mutex,
  type Sleeping,
  SpinLock,
  Timer,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_COLORSPACE_SRGB,
  V4L2_FIELD_NONE,
  type V4l2Fh,
  type V4l2FileOperations,
  type V4l2IoctlOps,
  type VideobufBuffer,
  type VideobufDevice,
  type VideobufQueue,
  type VideobufQueueOps,
  VideoDevice,
  type v4l2_pix_format,
  videobufDmaContigFree,
  videobufDmaFree,
  videobufDmaUnmap,
  videobufDqbuf,
  videobufIolock,
  videobufMmapFree,
  videobufMmapMapper,
  videobufPollStream,
  videobufQbuf,
  videobufQuerybuf,
  videobufQueueDmaContigInit,
  videobufQueueIsBusy,
  videobufQueueSgInit,
  videobufQueueVmallocInit,
  videobufReadOne,
  videobufReadStream,
  videobufReqbufs,
  videobufStop,
  videobufStreamoff,
  videobufStreamon,
  videobufToDma,
  videobufToDmaContig,
  videobufToVmalloc,
  videobufVmallocFree,
  videobufWaiton,
  waitqueueActive,
} from 'usercam';

export const memories = ['vmalloc', 'dma-sg', 'dma-contig'] as const;
export type Memory = (typeof memories)[number];

const YUYV = 0x56595559;
const INTERVAL = 66_666_667;
const MAX_TRACE = 4095;
const DMA_BYTES = 2 ** 28;

/** What can be set by name, and what each is before a scenario. */
const defaults = {
  run: 0,
  errnext: 0,
  waiters: 0,
  fcmode: 0,
  readone: 0,
  active: 0,
  dropsize: 0,
  field: V4L2_FIELD_NONE as number,
  vbihack: 0,
  maxbufs: -1,
  failprep: 0,
};
type Parameter = keyof typeof defaults;

/** One open file. */
class Handle {
  readonly device: Measuring;
  readonly queue: VideobufQueue<Handle>;
  width = 320;
  height = 240;

  constructor(device: Measuring) {
    const { dev, irqlock, extLock, parameters, memory } = device;
    this.device = device;
    this.queue = inits[memory]<Handle>({
      ops: queueOps,
      dev,
      irqlock,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      field: parameters.field,
      priv: this,
      ...(extLock === undefined ? {} : { extLock }),
    });
  }

  *release(): Sleeping<void> {
    const { device, queue } = this;
    device.trace(' [stop:');
    yield* videobufStop(queue);
    device.trace('] [mmap_free:');
    let code = 0;
    try {
      yield* videobufMmapFree(queue);
    } catch (thrown) {
      if (!(thrown instanceof Errno)) throw thrown;
      code = -thrown.code;
    }
    device.trace(`]=${code}`);
  }
}

type Fh = V4l2Fh<Measuring, Handle>;

const inits = {
  vmalloc: videobufQueueVmallocInit,
  'dma-sg': videobufQueueSgInit,
  'dma-contig': videobufQueueDmaContigInit,
} as const;

export class Measuring {
  readonly memory: Memory;
  readonly dev: VideobufDevice & { readonly arena: DmaArena };
  readonly irqlock = new SpinLock();
  readonly extLock: Mutex | undefined;
  /** Buffers of all open files, in the order in which they came. */
  readonly list = new List<VideobufBuffer>();
  readonly parameters = { ...defaults };
  /** What became of the last command. */
  answer = '';
  #trace = '';
  #frames = 0;
  #fieldCount = 0;
  readonly #timer = new Timer((now) => this.#tick(now));

  /** With an external lock, as drivers had it from 2.6.37 on, all open files have one. */
  constructor(memory: Memory, dev: VideobufDevice, extLock?: Mutex) {
    this.memory = memory;
    this.extLock = extLock;
    this.dev = { ...dev, arena: new DmaArena({ size: DMA_BYTES }) };
  }

  trace(text: string): void {
    this.#trace += text;
  }

  takeTrace(): string {
    const text = this.#trace.slice(0, MAX_TRACE);
    this.#trace = '';
    return text;
  }

  set(name: string, value: number): void {
    if (!(name in defaults)) throw new Errno(EINVAL, `no parameter ${name}`);
    this.parameters[name as Parameter] = value;
    const { timers } = this.dev.clock;
    if (name === 'run' && value !== 0) timers.arm(this.#timer, this.dev.clock.now() + INTERVAL);
    if (name === 'run' && value === 0) timers.cancel(this.#timer);
  }

  /** `fill POSITION ERROR`, `act` or `reset`. */
  command(text: string): void {
    const [verb, position, error] = text.split(' ');
    if (verb === 'fill') this.answer = String(this.fill(Number(position), Number(error) !== 0));
    else if (verb === 'act') this.#activate();
    else if (verb === 'reset') this.#reset();
  }

  #reset(): void {
    this.list.clear();
    this.#frames = 0;
    this.#fieldCount = 0;
  }

  #activate(): void {
    const head = this.list.first?.item;
    if (head !== undefined) head.state = 'ACTIVE';
  }

  /** Finishes the buffer at `position` of the list: its index, or -1 if there is none. */
  fill(position: number, error: boolean): number {
    let at = this.list.first;
    for (let i = 0; i < position; i++) at = at?.next;
    if (at === undefined) return -1;
    const vb = at.item;
    this.irqlock.lock('the interrupt of the measuring driver');
    this.list.remove(at);
    this.#paint(vb);
    vb.size -= this.parameters.dropsize;
    if (this.parameters.fcmode !== 0) vb.fieldCount++;
    else {
      vb.fieldCount = this.#fieldCount;
      this.#fieldCount += 2;
    }
    vb.ts = this.dev.clock.now();
    vb.state = error ? 'ERROR' : 'DONE';
    vb.done.wakeUp();
    this.irqlock.unlock();
    return vb.i;
  }

  /** The number of the frame as its first word, and the low byte of that as all other bytes. */
  #paint(vb: VideobufBuffer): void {
    const number = ++this.#frames;
    const pieces = this.#piecesOf(vb);
    if (pieces === undefined) {
      this.trace(` NOVADDR(${vb.i})`);
      return;
    }
    let left = vb.size;
    for (const piece of pieces) {
      piece.subarray(0, left).fill(number & 255);
      left -= Math.min(left, piece.length);
    }
    const [first] = pieces;
    for (let i = 0; i < 4 && first !== undefined && i < first.length; i++)
      first[i] = (number >>> (8 * i)) & 255;
  }

  /** What a device of the kind finds where its buffer is; undefined for memory that has gone. */
  #piecesOf(vb: VideobufBuffer): readonly Uint8Array[] | undefined {
    if (this.memory === 'dma-sg') return videobufToDma(vb).sglist.map(({ bytes }) => bytes);
    if (this.memory === 'dma-contig') {
      const address = videobufToDmaContig(vb);
      return address === undefined ? [] : [this.dev.arena.bytesAt(address, vb.size)];
    }
    const bytes = videobufToVmalloc(vb);
    return bytes && [bytes];
  }

  #tick(now: number): void {
    const { waiters, active } = this.parameters;
    this.dev.clock.timers.arm(this.#timer, now + INTERVAL);
    const head = this.list.first?.item;
    if (head === undefined || (waiters !== 0 && !waitqueueActive(head))) return;
    if (active !== 0 && head.state !== 'ACTIVE') head.state = 'ACTIVE';
    else this.fill(0, false);
  }

  free(q: VideobufQueue<Handle>, vb: VideobufBuffer): void {
    if (this.memory === 'vmalloc') videobufVmallocFree(vb);
    else if (this.memory === 'dma-contig') videobufDmaContigFree(q, vb);
    else {
      const dma = videobufToDma(vb);
      videobufDmaUnmap(q, dma);
      videobufDmaFree(dma);
    }
  }
}

const queueOps = {
  bufSetup({ privData: { device, width, height } }, setup) {
    const asked = setup.count;
    const { maxbufs } = device.parameters;
    if (setup.count === 0) setup.count = 4;
    if (maxbufs >= 0 && setup.count > maxbufs) setup.count = maxbufs;
    setup.size = width * height * 2;
    device.trace(` setup(${asked}->${setup.count})`);
  },

  bufPrepare(q, vb, field) {
    const { device, width, height } = q.privData;
    const told = `${vb.i},${vb.state}`;
    const { parameters } = device;
    if (parameters.failprep > 0 && --parameters.failprep === 0) {
      device.trace(` prepare(${told})=-EIO`);
      throw new Errno(EIO, 'as it was told');
    }
    vb.width = width;
    vb.height = height;
    vb.size = width * height * 2;
    vb.field = field;
    if (vb.baddr !== 0 && vb.bsize < vb.size) {
      device.trace(` prepare(${told},short)=-EINVAL`);
      throw new Errno(EINVAL, 'the buffer is smaller than the format');
    }
    try {
      if (vb.state === 'NEEDS_INIT') videobufIolock(q, vb);
    } catch (thrown) {
      if (thrown instanceof Errno) device.trace(` prepare(${told})=${-thrown.code}`);
      throw thrown;
    }
    device.trace(` prepare(${told})=0`);
    vb.state = 'PREPARED';
  },

  bufQueue({ privData: { device } }, vb) {
    device.trace(` queue(${vb.i},${vb.state})`);
    vb.state = 'QUEUED';
    device.list.addTail(vb.queue);
  },

  *bufRelease(q, vb) {
    const { device } = q.privData;
    device.trace(` release(${vb.i},${vb.state})`);
    yield* videobufWaiton(vb, false, false);
    device.free(q, vb);
    vb.state = 'NEEDS_INIT';
  },
} satisfies VideobufQueueOps<Handle>;

const handleOf = (fh: Fh) => fh.drvPriv as Handle;
/** For the harness too: the queue of an open file. */
export const queueOf = (fh: Fh) => handleOf(fh).queue;

function fillFormat(pix: v4l2_pix_format, { width, height }: Handle): void {
  pix.width = width;
  pix.height = height;
  pix.pixelformat = YUYV;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = width * 2;
  pix.sizeimage = width * height * 2;
  pix.colorspace = V4L2_COLORSPACE_SRGB;
}

function checkType(type: number): void {
  if (type !== V4L2_BUF_TYPE_VIDEO_CAPTURE) throw new Errno(EINVAL, `type ${type}`);
}

const ioctlOps = {
  vidioc_querycap(_file, fh, cap) {
    const { memory } = fh.vdev.drvdata;
    fillCapability(cap, { label: '', driver: 'vb1cap', card: `videobuf1 ${memory}`, bus: 'platform:vb1cap' });
  },
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = YUYV;
  },
  vidioc_g_fmt_vid_cap: (_file, fh, f) => fillFormat(f.fmt.pix, handleOf(fh)),
  vidioc_try_fmt_vid_cap: (_file, fh, f) => fillFormat(f.fmt.pix, handleOf(fh)),
  vidioc_s_fmt_vid_cap(_file, fh, f) {
    const handle = handleOf(fh);
    if (videobufQueueIsBusy(handle.queue)) throw new Errno(EBUSY, 'buffers are in use');
    handle.width = f.fmt.pix.width;
    handle.height = f.fmt.pix.height;
    fillFormat(f.fmt.pix, handle);
  },
  vidioc_reqbufs: (_file, fh, req, caller) => videobufReqbufs(queueOf(fh), req, caller),
  vidioc_querybuf: (_file, fh, b, caller) => videobufQuerybuf(queueOf(fh), b, caller),
  vidioc_qbuf: (_file, fh, b, caller) => videobufQbuf(queueOf(fh), b, caller),
  vidioc_dqbuf: (file, fh, b, caller) => videobufDqbuf(queueOf(fh), b, file.nonblock(), caller),
  vidioc_streamon(_file, fh, type, caller) {
    checkType(type);
    return videobufStreamon(queueOf(fh), caller);
  },
  vidioc_streamoff(_file, fh, type, caller) {
    checkType(type);
    return videobufStreamoff(queueOf(fh), caller);
  },
} satisfies V4l2IoctlOps<Measuring, Handle>;

const fops = {
  open(fh) {
    const handle = new Handle(fh.vdev.drvdata);
    fh.drvPriv = handle;
    fh.bindQueue(handle.queue);
  },
  release: (fh) => queueOf(fh).background.run(handleOf(fh).release()),
  mmap: (fh, request) => videobufMmapMapper(queueOf(fh), request),
  poll: (fh, requested) => videobufPollStream(fh.file, queueOf(fh), requested),
  read(fh, data, count, caller) {
    const { readone, vbihack } = fh.vdev.drvdata.parameters;
    const request = { data, count, nonblocking: fh.file.nonblock() };
    if (readone !== 0) return videobufReadOne(queueOf(fh), request, caller);
    return videobufReadStream(queueOf(fh), request, vbihack !== 0, caller);
  },
} satisfies V4l2FileOperations<Measuring, Handle>;

/** The first text in the blocks of an EDID. */
function textIn(blocks: readonly { readonly $bytes: Uint8Array }[]): string {
  const bytes = blocks.flatMap(({ $bytes }) => [...$bytes]);
  const end = bytes.indexOf(0);
  return new TextDecoder('latin1').decode(new Uint8Array(end < 0 ? bytes : bytes.slice(0, end)));
}

/** What is asked for, by number of the "input". */
const TRACE = 0;

const controlOps = {
  vidioc_querycap: (_file, _fh, cap) =>
    fillCapability(cap, { label: '', driver: 'vb1ctl', card: 'control', bus: 'platform:vb1ctl' }),

  /** `NAME VALUE` sets a parameter, `cmd …` is a command. */
  vidioc_s_edid(_file, fh, _edid, _caller, blocks = []) {
    const [name = '', ...words] = textIn(blocks).split(' ');
    const device = fh.vdev.drvdata;
    if (name === 'cmd') device.command(words.join(' '));
    else device.set(name, Number(words[0]));
  },

  vidioc_g_edid(_file, fh, edid, _caller, blocks = []) {
    const device = fh.vdev.drvdata;
    const text = edid.pad === TRACE ? device.takeTrace() : device.answer;
    for (const [i, { $bytes }] of blocks.entries())
      for (let n = 0; n < $bytes.length; n++) $bytes[n] = text.charCodeAt(i * $bytes.length + n) || 0;
  },
} satisfies V4l2IoctlOps<Measuring>;

/** The node that is measured, and the one that it is told through. */
export function measuringNodes(device: Measuring): [VideoDevice<Measuring>, VideoDevice<Measuring>] {
  const deviceCaps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE;
  return [
    new VideoDevice<Measuring>({ name: 'vb1cap', deviceCaps, ioctlOps, fops, drvdata: device }),
    new VideoDevice<Measuring>({
      name: 'vb1ctl',
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE,
      ioctlOps: controlOps,
      fops: {},
      drvdata: device,
    }),
  ];
}

export default defineDriver({
  name: 'measuring',
  help: 'A device that finishes frames when it is told to, and reports what it is called with.',
  settings: { memory: choiceSetting(memories, 'The kind of its buffers.') },
  create({ memory }, _common, { clock, pages }) {
    const device = new Measuring(memory, { name: 'vb1cap', clock, pages });
    return measuringNodes(device) as VideoDevice[];
  },
});
