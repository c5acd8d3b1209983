/** A queue as a program uses it: any buffer type, single- or multi-planar, mapped buffers. */
import assert from 'node:assert/strict';
import * as abi from '../../src/abi/index.ts';
import { EAGAIN } from '../../src/base/errno.ts';
import type { MappedPlane } from '../../src/memory/mem-ops.ts';
import type { ClientFile, Program, Thread } from '../../src/testing/in-process-client.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../../src/vfs/file.ts';
import './driver-bugs.ts';

const NS_PER_S = 1_000_000_000;

/** Bytes that differ from frame to frame and from place to place. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function nanoseconds(b: abi.v4l2_buffer): number {
  return b.timestamp.tv_sec * NS_PER_S + b.timestamp.tv_usec * 1000;
}

/** A format in the memory of the program, to be set or tried. */
export function pixFormat(
  program: Program,
  type: number,
  want: { width?: number; height?: number; fourcc?: number; sizeimage?: number } = {},
): abi.v4l2_format {
  const f = program.make(abi.v4l2_format);
  f.type = type;
  f.fmt.pix.width = want.width ?? 0;
  f.fmt.pix.height = want.height ?? 0;
  f.fmt.pix.pixelformat = want.fourcc ?? 0;
  f.fmt.pix.sizeimage = want.sizeimage ?? 0;
  return f;
}

/** An int in the memory of the program, as STREAMON takes it. */
export function int(program: Program, value: number): number {
  const { address, bytes } = program.alloc(4);
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, value, true);
  return address;
}

const MAX_PLANES = 4;

export class Stream {
  readonly file: ClientFile;
  readonly type: number;
  readonly b: abi.v4l2_buffer;
  /** The array of planes of multi-planar types. */
  readonly p: readonly abi.v4l2_plane[];
  /** The bytes of every plane of every buffer. */
  planes: readonly (readonly Uint8Array[])[] = [];
  readonly #program: Program;
  readonly #isMultiplanar: boolean;
  readonly #arrayAddress: number;
  readonly #typeAddress: number;
  readonly #req: abi.v4l2_requestbuffers;

  constructor(program: Program, file: ClientFile, type: number) {
    this.#program = program;
    this.file = file;
    this.type = type;
    this.#isMultiplanar =
      type === abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE || type === abi.V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
    this.b = program.make(abi.v4l2_buffer);
    const array = program.alloc(MAX_PLANES * abi.v4l2_plane.size);
    this.#arrayAddress = array.address;
    this.p = Array.from({ length: MAX_PLANES }, (_, n) =>
      abi.v4l2_plane.at(array.bytes, n * abi.v4l2_plane.size),
    );
    this.#typeAddress = int(program, type);
    this.#req = program.make(abi.v4l2_requestbuffers);
  }

  /** REQBUFS; the result of the ioctl. */
  reqbufs(count: number): number {
    this.#req.$bytes.fill(0);
    this.#req.count = count;
    this.#req.type = this.type;
    this.#req.memory = abi.V4L2_MEMORY_MMAP;
    return this.file.ioctl(abi.VIDIOC_REQBUFS, this.#req);
  }

  /** REQBUFS, QUERYBUF and mmap of all. */
  allocate(count: number): this {
    assert.equal(this.reqbufs(count), 0);
    this.planes = Array.from({ length: this.#req.count }, (_, index) => this.#map(index));
    return this;
  }

  #reset(index: number): void {
    this.b.$bytes.fill(0);
    this.b.index = index;
    this.b.type = this.type;
    this.b.memory = abi.V4L2_MEMORY_MMAP;
    if (!this.#isMultiplanar) return;
    this.b.m.planes = this.#arrayAddress;
    this.b.length = MAX_PLANES;
    for (const plane of this.p) plane.$bytes.fill(0);
  }

  #mapPlane(offset: number, length: number): Uint8Array {
    const request = { offset, length, prot: PROT_READ | PROT_WRITE, flags: MAP_SHARED };
    const { file } = this.file;
    return (file.device.fops.mmap(file, request) as MappedPlane).bytes;
  }

  #map(index: number): readonly Uint8Array[] {
    this.#reset(index);
    this.file.do(abi.VIDIOC_QUERYBUF, this.b);
    if (!this.#isMultiplanar) return [this.#mapPlane(this.b.m.offset, this.b.length)];
    const planes = this.p.slice(0, this.b.length);
    return planes.map(({ m, length }) => this.#mapPlane(m.mem_offset, length));
  }

  streamon(): void {
    this.file.do(abi.VIDIOC_STREAMON, this.#typeAddress);
  }

  streamoff(): void {
    this.file.do(abi.VIDIOC_STREAMOFF, this.#typeAddress);
  }

  /** QBUF; of an output queue with a frame and its time. The result of the ioctl. */
  tryQueue(index: number, frame?: Uint8Array, timestamp = 0): number {
    this.#reset(index);
    if (frame !== undefined) {
      this.planes[index]?.[0]?.set(frame);
      this.b.bytesused = frame.length;
      this.b.timestamp.tv_sec = Math.floor(timestamp / NS_PER_S);
      this.b.timestamp.tv_usec = (timestamp % NS_PER_S) / 1000;
    }
    return this.file.ioctl(abi.VIDIOC_QBUF, this.b);
  }

  queue(index: number, frame?: Uint8Array, timestamp = 0): void {
    assert.equal(this.tryQueue(index, frame, timestamp), 0);
  }

  queueAll(): this {
    for (let index = 0; index < this.planes.length; index++) this.queue(index);
    return this;
  }

  /** DQBUF of what must be there. */
  dequeue(): abi.v4l2_buffer {
    this.#reset(0);
    this.file.do(abi.VIDIOC_DQBUF, this.b);
    return this.b;
  }

  /** A thread in DQBUF. */
  startDequeue(): Thread {
    this.#reset(0);
    return this.file.start(abi.VIDIOC_DQBUF, this.b);
  }

  /** True if DQBUF would have to wait. */
  get isEmpty(): boolean {
    this.#reset(0);
    const before = this.file.nonblock;
    this.file.nonblock = true;
    const result = this.file.ioctl(abi.VIDIOC_DQBUF, this.b);
    this.file.nonblock = before;
    assert.ok(result === -EAGAIN || result === 0, `DQBUF: ${result}`);
    return result !== 0;
  }

  /** A copy of the frame that dequeue() has taken; of a single-planar type. */
  get frame(): Uint8Array {
    return (this.planes[this.b.index]?.[0] as Uint8Array).slice(0, this.b.bytesused);
  }

  /** dequeue(), a copy of the frame, and QBUF of the same buffer. */
  next(): { readonly frame: Uint8Array; readonly sequence: number; readonly timestamp: number } {
    const b = this.dequeue();
    const taken = { frame: this.frame, sequence: b.sequence, timestamp: nanoseconds(b) };
    this.queue(b.index);
    return taken;
  }

  /** An address in the program with these bytes, for write(). */
  bytesAt(bytes: Uint8Array): number {
    const memory = this.#program.alloc(bytes.length);
    memory.bytes.set(bytes);
    return memory.address;
  }
}
