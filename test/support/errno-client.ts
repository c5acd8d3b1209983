/**
 * Asks the questions of test/transcripts/errno.golden.txt in this process, as test/clients/errno.c asks them
 * through the door. The words of a question are explained there.
 */
import assert from 'node:assert/strict';
import * as abi from '../../src/abi/index.ts';
import { Errno, errnoName } from '../../src/base/errno.ts';
import type { VirtualClock } from '../../src/base/timers.ts';
import { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import { type ClientFile, Program, type Thread } from '../../src/testing/in-process-client.ts';
import type { VideoDevice } from '../../src/v4l2-core/index.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../../src/vfs/file.ts';
import { Question } from './errno-words.ts';
import './driver-bugs.ts';

/** Program and device have the same descriptors here: what the device closes must stay open for the program. */
export class SharedDescriptors extends HeapDmabufs {
  override close(): void {}
}

const NO_FD = -1;
/** Open, but not memory. */
const OTHER_FD = 0;
const PAGE = 4096;
const BLOCKS = Number.NEGATIVE_INFINITY;
const LONG_ENOUGH = 1_000_000_000;

export interface ErrnoWorld {
  readonly clock: VirtualClock;
  readonly device: VideoDevice;
  readonly type: number;
  /** What else may be done to the device: `unplug`, or whatever a driver can be told. */
  readonly deeds?: Readonly<Record<string, (question: Question) => void>>;
}

type Who = 'main' | 'other';

export class ErrnoClient {
  readonly #world: ErrnoWorld;
  readonly #program = new Program(16 << 20);
  readonly #files = new Map<Who, ClientFile>();
  readonly #exported: number[] = [];
  readonly #frame: number;
  readonly #buffer: abi.v4l2_buffer;
  readonly #planes: readonly abi.v4l2_plane[];
  readonly #planesAddress: number;
  readonly #format: abi.v4l2_format;
  readonly #firstFormat: Uint8Array;
  readonly #int: { readonly address: number; readonly bytes: Uint8Array };
  readonly #sizes: readonly number[];
  readonly #isMultiplanar: boolean;
  readonly #isOutput: boolean;
  #file: ClientFile;
  #thread: Thread | undefined;

  constructor(world: ErrnoWorld) {
    this.#world = world;
    this.#isMultiplanar = world.type === abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
    this.#isOutput = world.type === abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
    this.#buffer = this.#program.make(abi.v4l2_buffer);
    const array = this.#program.alloc(abi.VIDEO_MAX_PLANES * abi.v4l2_plane.size);
    this.#planesAddress = array.address;
    this.#planes = Array.from({ length: abi.VIDEO_MAX_PLANES }, (_, n) =>
      abi.v4l2_plane.at(array.bytes, n * abi.v4l2_plane.size),
    );
    this.#format = this.#program.make(abi.v4l2_format);
    this.#int = this.#program.alloc(4);
    this.#file = this.#program.open(world.device);
    this.#sizes = this.#frameSizes();
    this.#firstFormat = this.#format.$bytes.slice();
    this.#file.close();
    this.#frame = this.#program.alloc(Math.max(...this.#sizes) + 2 * PAGE).address;
  }

  /** The transcript of a conversation. */
  ask(questions: readonly string[]): readonly string[] {
    return questions.map((line) => (line === '' ? this.#closeAll() : `${line}: ${this.#answer(line)}`));
  }

  #frameSizes(): readonly number[] {
    const { fmt } = this.#presentFormat();
    if (!this.#isMultiplanar) return [fmt.pix.sizeimage];
    const { num_planes, plane_fmt } = fmt.pix_mp;
    return Array.from({ length: num_planes }, (_, n) => plane_fmt.get(n).sizeimage);
  }

  #presentFormat(): abi.v4l2_format {
    this.#format.$bytes.fill(0);
    this.#format.type = this.#world.type;
    this.#file.do(abi.VIDIOC_G_FMT, this.#format);
    return this.#format;
  }

  #closeAll(): string {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    return '';
  }

  #answer(line: string): string {
    const words = line.split(' ');
    const who: Who = words[0] === 'other' ? 'other' : 'main';
    if (words[0] === 'thread') return errnoOf(this.#askThread(words.slice(1)));
    const question = new Question(who === 'other' ? words.slice(1) : words);
    if (question.what === 'close') return this.#close(who);
    try {
      const deed = this.#world.deeds?.[question.what];
      if (deed !== undefined) deed(question);
      else {
        const open = this.#files.get(who) ?? this.#program.open(this.#world.device);
        this.#files.set(who, open);
        this.#file = open;
        return errnoOf(this.#ask(question));
      }
      return errnoOf(0);
    } catch (error) {
      if (error instanceof Errno) return errnoName(error.code);
      throw error;
    }
  }

  #close(who: Who): string {
    this.#files.get(who)?.close();
    this.#files.delete(who);
    return errnoOf(0);
  }

  #askThread(words: readonly string[]): number {
    if (words[0] === 'join') return this.#finish(this.#thread as Thread);
    this.#fillBuffer(new Question(words));
    this.#thread = (this.#files.get('main') as ClientFile).start(abi.VIDIOC_DQBUF, this.#buffer);
    return this.#thread.result ?? BLOCKS;
  }

  #ask(question: Question): number {
    const cmd = BUFFER_IOCTLS[question.what];
    if (cmd !== undefined) {
      this.#fillBuffer(question);
      return this.#ioctl(question, cmd, this.#program.addressOf(this.#buffer));
    }
    const ask = this.#questions[question.what];
    assert.ok(ask, `the question ${question.what} is known`);
    return ask(question);
  }

  /** An ioctl whose argument lies where the question says; one that waits for a frame gets it. */
  #ioctl(question: Question, cmd: number, address: number): number {
    return this.#finish(this.#file.start(cmd, question.address('at', address)));
  }

  #finish(thread: Thread): number {
    if (thread.result === undefined) this.#world.clock.advance(LONG_ENOUGH);
    return thread.result ?? BLOCKS;
  }

  /** What is wrong with one plane only is wrong with the plane `only`. */
  #fillPlane(question: Question, plane: abi.v4l2_plane, n: number): void {
    const isMeant = question.number('only', n) === n;
    const whole = this.#sizes[n] ?? 0;
    plane.$bytes.fill(0);
    plane.length = isMeant ? question.size('length', whole, whole) : whole;
    plane.bytesused = question.size('bytesused', whole, this.#isOutput ? whole : 0);
    if (question.number('memory', abi.V4L2_MEMORY_MMAP) === abi.V4L2_MEMORY_DMABUF)
      plane.m.fd = isMeant && question.has('fd') ? (FDS[question.text('fd') ?? ''] ?? NO_FD) : this.#fd(n);
    else plane.m.userptr = isMeant ? question.address('userptr', this.#frame) : this.#frame;
  }

  #fd(plane: number): number {
    return this.#exported[plane] ?? OTHER_FD;
  }

  #fillBuffer(question: Question): void {
    const b = this.#buffer;
    for (const [n, plane] of this.#planes.entries()) this.#fillPlane(question, plane, n);
    b.$bytes.fill(0);
    b.index = question.number('index', 0);
    b.type = question.number('type', this.#world.type);
    b.memory = question.number('memory', abi.V4L2_MEMORY_MMAP);
    b.flags = question.number('flags', 0);
    b.field = question.number('field', this.#isOutput ? abi.V4L2_FIELD_NONE : abi.V4L2_FIELD_ANY);
    if (this.#isMultiplanar) {
      b.length = question.number('planes', this.#sizes.length);
      b.m.planes = question.address('array', this.#planesAddress);
      return;
    }
    const [plane] = this.#planes as [abi.v4l2_plane];
    b.length = plane.length;
    b.bytesused = plane.bytesused;
    if (b.memory === abi.V4L2_MEMORY_DMABUF) b.m.fd = plane.m.fd;
    else b.m.userptr = plane.m.userptr;
  }

  #struct<F extends abi.Fields>(
    question: Question,
    cmd: number,
    layout: abi.Layout<F>,
    fill: (view: abi.ViewOf<F>) => void,
  ): number {
    const view = this.#program.make(layout);
    fill(view);
    return this.#ioctl(question, cmd, this.#program.addressOf(view));
  }

  #number(question: Question, cmd: number, value: number): number {
    const { address, bytes } = this.#int;
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, value, true);
    return this.#ioctl(question, cmd, address);
  }

  #type(question: Question): number {
    return question.number('type', this.#world.type);
  }

  readonly #questions: Readonly<Record<string, (question: Question) => number>> = {
    open: () => 0,
    nonblock: () => {
      this.#file.nonblock = !this.#file.nonblock;
      return 0;
    },
    reqbufs: (question) =>
      this.#struct(question, abi.VIDIOC_REQBUFS, abi.v4l2_requestbuffers, (req) => {
        req.count = question.number('count', 2);
        req.type = this.#type(question);
        req.memory = question.number('memory', abi.V4L2_MEMORY_MMAP);
      }),
    create_bufs: (question) => this.#createBufs(question),
    remove_bufs: (question) =>
      this.#struct(question, abi.VIDIOC_REMOVE_BUFS, abi.v4l2_remove_buffers, (remove) => {
        remove.index = question.number('index', 0);
        remove.count = question.number('count', 1);
        remove.type = this.#type(question);
      }),
    expbuf: (question) => this.#expbuf(question),
    streamon: (question) => this.#number(question, abi.VIDIOC_STREAMON, this.#type(question)),
    streamoff: (question) => this.#number(question, abi.VIDIOC_STREAMOFF, this.#type(question)),
    mmap: (question) => this.#mmap(question),
    read: (question) =>
      this.#finish(
        this.#file.read(question.address('to', this.#frame), question.size('count', this.#sizes[0] ?? 0, 1)),
      ),
    write: (question) =>
      this.#finish(
        this.#file.write(
          question.address('from', this.#frame),
          question.size('count', this.#sizes[0] ?? 0, 1),
        ),
      ),
    s_priority: (question) =>
      this.#number(
        question,
        abi.VIDIOC_S_PRIORITY,
        question.number('priority', abi.V4L2_PRIORITY_INTERACTIVE),
      ),
    g_fmt: (question) =>
      this.#struct(question, abi.VIDIOC_G_FMT, abi.v4l2_format, (f) => {
        f.type = this.#type(question);
      }),
    s_fmt: (question) => {
      const f = this.#presentFormat();
      f.type = this.#type(question);
      // Both formats begin with the width.
      f.fmt.pix.width += 16;
      return this.#ioctl(question, abi.VIDIOC_S_FMT, this.#program.addressOf(f));
    },
    enum_fmt: (question) =>
      this.#struct(question, abi.VIDIOC_ENUM_FMT, abi.v4l2_fmtdesc, (desc) => {
        desc.index = question.number('index', 0);
        desc.type = this.#type(question);
      }),
    enuminput: (question) =>
      this.#struct(question, abi.VIDIOC_ENUMINPUT, abi.v4l2_input, (input) => {
        input.index = question.number('index', 0);
      }),
    s_input: (question) => this.#number(question, abi.VIDIOC_S_INPUT, question.number('index', 0)),
    dqevent: (question) => this.#struct(question, abi.VIDIOC_DQEVENT, abi.v4l2_event, () => {}),
  };

  #createBufs(question: Question): number {
    const create = this.#program.make(abi.v4l2_create_buffers);
    create.format.$bytes.set(this.#firstFormat);
    create.count = question.number('count', 1);
    create.memory = question.number('memory', abi.V4L2_MEMORY_MMAP);
    create.format.type = this.#type(question);
    const { pix, pix_mp } = create.format.fmt;
    const [whole = 0] = this.#sizes;
    if (this.#isMultiplanar) {
      pix_mp.num_planes = question.number('planes', this.#sizes.length);
      for (const [n, size] of this.#sizes.entries())
        if (question.number('only', n) === n)
          pix_mp.plane_fmt.get(n).sizeimage = question.size('size', size, size);
    } else pix.sizeimage = question.size('size', whole, whole);
    return this.#ioctl(question, abi.VIDIOC_CREATE_BUFS, this.#program.addressOf(create));
  }

  #expbuf(question: Question): number {
    const exp = this.#program.make(abi.v4l2_exportbuffer);
    exp.type = this.#type(question);
    exp.index = question.number('index', 0);
    exp.plane = question.number('plane', 0);
    exp.flags = question.number('flags', 0o2000002);
    const result = this.#ioctl(question, abi.VIDIOC_EXPBUF, this.#program.addressOf(exp));
    if (result === 0) this.#exported[exp.plane] = exp.fd;
    return result;
  }

  /** Where QUERYBUF says that the plane is. */
  #offset(question: Question, n: number): number {
    this.#fillBuffer(question);
    if (this.#file.ioctl(abi.VIDIOC_QUERYBUF, this.#buffer) < 0) return 0;
    return this.#isMultiplanar ? (this.#planes[n]?.m.mem_offset ?? 0) : this.#buffer.m.offset;
  }

  #mmap(question: Question): number {
    const n = question.number('plane', 0);
    const whole = this.#sizes[n] ?? 0;
    const { file } = this.#file;
    const mapped = file.device.fops.mmap(file, {
      offset: this.#offset(question, n) + question.number('beyond', 0),
      length: question.size('length', whole, whole),
      prot: question.number('prot', PROT_READ | PROT_WRITE),
      flags: question.number('flags', MAP_SHARED),
    });
    if (!question.has('keep') && 'unmap' in mapped) (mapped.unmap as () => void)();
    return 0;
  }
}

const FDS: Readonly<Record<string, number>> = { closed: NO_FD, pipe: OTHER_FD };

const BUFFER_IOCTLS: Readonly<Record<string, number>> = {
  querybuf: abi.VIDIOC_QUERYBUF,
  prepare_buf: abi.VIDIOC_PREPARE_BUF,
  qbuf: abi.VIDIOC_QBUF,
  dqbuf: abi.VIDIOC_DQBUF,
};

function errnoOf(result: number): string {
  if (result === BLOCKS) return 'BLOCKS';
  return result >= 0 ? 'OK' : errnoName(-result);
}
