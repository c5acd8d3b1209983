/**
 * A queue with a driver that does nothing by itself and a program that calls it: tests say what either does.
 * `Bench.queue(...)` gives an idle queue; `queueStreaming` and `bufferIn` one that has got somewhere.
 */
import assert from 'node:assert/strict';
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  V4L2_MEMORY_MMAP,
  v4l2_buffer,
  v4l2_create_buffers,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EBADF, EFAULT, Errno, errnoName } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import type { WaitQueue } from '../../src/base/wait-queue.ts';
import { plainAddress } from '../../src/linux/user-address.ts';
import type { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import type { Caller, PinnedMemory, UserAddress, UserMemory } from '../../src/vfs/file.ts';
import { WOULD_BLOCK } from '../../src/vfs/file.ts';
import {
  VB2_DMABUF,
  VB2_MMAP,
  VB2_USERPTR,
  type Vb2Buffer,
  type Vb2BufferState,
  type Vb2Ops,
  Vb2Queue,
  type Vb2QueueConfig,
  vb2CreateBufs,
  vb2Dqbuf,
  vb2PrepareBuf,
  vb2Qbuf,
  vb2Querybuf,
  vb2RemoveBufs,
  vb2Reqbufs,
  vb2Streamoff,
  vb2Streamon,
} from '../../src/videobuf2/index.ts';

export { bugsIn, withoutBugs } from './driver-bugs.ts';

export const FRAME = 5000;
export const TYPE = V4L2_BUF_TYPE_VIDEO_CAPTURE;

/** An open file; `nonblocking` is its O_NONBLOCK. */
export class TestFile {
  nonblocking = false;
  nonblock = () => this.nonblocking;
}

/**
 * The memory of a program: pages below 0x1000 and behind the end are not mapped. Pinned memory is worked on in a
 * copy, as it is when the program is another process, so that a test sees what was moved and what was not.
 */
export class TestMemory implements UserMemory {
  readonly space: Uint8Array;
  /** Ranges that are pinned now. */
  pinned = 0;
  pins = 0;
  /** What was asked of each pin: whether the program may write there. */
  readonly written: boolean[] = [];
  /** Bytes moved, call by call: `fetch 12`, `flush 100`. */
  readonly moved: string[] = [];
  /** The pin that fails, counted from 0. */
  failPin = -1;

  constructor(size = 1 << 20) {
    this.space = new Uint8Array(size);
  }

  /** As on a processor that ignores tags. */
  #at(pointer: UserAddress, length: number): Uint8Array {
    const address = plainAddress(pointer, 'arm64');
    if (address < 0x1000 || address + length > this.space.length) throw new Errno(EFAULT, 'not mapped');
    return this.space.subarray(address, address + length);
  }

  read(address: UserAddress, destination: Uint8Array): void {
    destination.set(this.#at(address, destination.length));
  }

  write(address: UserAddress, source: Uint8Array): void {
    this.#at(address, source.length).set(source);
  }

  pin(address: UserAddress, length: number, written: boolean): PinnedMemory {
    this.written.push(written);
    if (this.pins++ === this.failPin) throw new Errno(EFAULT, 'injected');
    const user = this.#at(address, length);
    const bytes = new Uint8Array(length);
    this.pinned++;
    let held = true;
    return {
      bytes,
      fetch: (count, to = bytes) => {
        this.moved.push(`fetch ${count}`);
        to.set(user.subarray(0, count));
        return true;
      },
      flush: (count) => {
        this.moved.push(`flush ${count}`);
        user.set(bytes.subarray(0, count));
        return true;
      },
      release: () => {
        assert.ok(held, 'memory is released once');
        held = false;
        this.pinned--;
      },
    };
  }
}

/** A thread of a program. It stays on the queue it sleeps on until `awake` is called. */
export class TestCaller implements Caller {
  /** Its memory; user pointers are addresses in it. */
  readonly memory: TestMemory;
  /** Where its descriptors come from, when it has any. */
  readonly descriptors: HeapDmabufs | undefined;

  constructor(descriptors?: HeapDmabufs, memory = new TestMemory()) {
    this.descriptors = descriptors;
    this.memory = memory;
  }

  readonly afterwards = (work: () => boolean) => {
    while (work());
  };
  readonly installFd = (fd: number) => this.#dup(fd);
  readonly takeFd = (fd: number) => this.#dup(fd);

  #dup(fd: number): number {
    if (this.descriptors === undefined) return fd;
    const copy = this.descriptors.dup(fd);
    if (copy < 0) throw new Errno(EBADF, `${fd} is not open`);
    return copy;
  }

  sleepsOn: WaitQueue | undefined;
  wakeUps = 0;
  readonly #onWake = () => {
    this.wakeUps++;
  };

  sleep(queue: WaitQueue): typeof WOULD_BLOCK {
    this.sleepsOn = queue;
    queue.add(this.#onWake);
    return WOULD_BLOCK;
  }

  get asleep(): boolean {
    return this.sleepsOn !== undefined;
  }

  /** The door takes the thread off the queue: to call again, or because it was signalled. */
  awake(): void {
    this.sleepsOn?.remove(this.#onWake);
    this.sleepsOn = undefined;
  }
}

/** The device: what the driver was given and what it was called with. */
export class TestDevice {
  sizes = [FRAME];
  readonly owned: Vb2Buffer<TestDevice>[] = [];
  readonly log: string[] = [];

  /** The oldest buffer that the driver owns is done. */
  complete(state: 'DONE' | 'ERROR' | 'QUEUED' = 'DONE'): Vb2Buffer<TestDevice> {
    const vb = this.owned.shift();
    assert.ok(vb, 'the driver owns a buffer');
    vb.setPlanePayload(0, FRAME);
    vb.done(state);
    return vb;
  }

  giveAllBack(state: 'ERROR' | 'QUEUED'): void {
    for (const vb of this.owned.splice(0)) vb.done(state);
  }
}

export const testOps = {
  queueSetup(q, setup) {
    const { sizes } = q.drvPriv;
    if (setup.numPlanes > 0) {
      if (setup.numPlanes !== sizes.length || sizes.some((size, n) => (setup.sizes[n] ?? 0) < size)) {
        throw new Errno(22, 'a frame does not fit');
      }
      return;
    }
    setup.numPlanes = sizes.length;
    sizes.forEach((size, n) => {
      setup.sizes[n] = size;
    });
  },
  bufInit: (vb) => void vb.queue.drvPriv.log.push(`bufInit ${vb.index}`),
  bufPrepare: (vb) => void vb.queue.drvPriv.log.push(`bufPrepare ${vb.index}`),
  bufQueue: (vb) => void vb.queue.drvPriv.owned.push(vb),
  bufFinish: (vb) => void vb.queue.drvPriv.log.push(`bufFinish ${vb.index}`),
  bufCleanup: (vb) => void vb.queue.drvPriv.log.push(`bufCleanup ${vb.index}`),
  startStreaming: (q, count) => void q.drvPriv.log.push(`startStreaming ${count}`),
  stopStreaming(q) {
    q.drvPriv.log.push('stopStreaming');
    q.drvPriv.giveAllBack('ERROR');
  },
} satisfies Vb2Ops<TestDevice>;

export interface BenchOptions {
  readonly ops?: Partial<Vb2Ops<TestDevice>>;
  readonly memOps?: Partial<Vb2MemOps>;
  readonly config?: Partial<Vb2QueueConfig<TestDevice>>;
  readonly output?: boolean;
  readonly sizes?: number[];
  /** What buffers are allocated as; MMAP, if left out. */
  readonly memory?: number;
  /** Memory that can be exported and imported; `bench.caller` has its descriptors. */
  readonly dmabufs?: HeapDmabufs;
}

const ALL_MEMORY = VB2_MMAP | VB2_USERPTR | VB2_DMABUF;

function bufType(output: boolean, multiplanar: boolean): number {
  if (output) return multiplanar ? V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE : V4L2_BUF_TYPE_VIDEO_OUTPUT;
  return multiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : TYPE;
}

/** A queue, its device, and the program that owns it. */
export class Bench {
  readonly device = new TestDevice();
  readonly clock = new VirtualClock();
  readonly file = new TestFile();
  readonly caller: TestCaller;
  readonly q: Vb2Queue<TestDevice>;
  readonly type: number;
  readonly memory: number;

  constructor(options: BenchOptions = {}) {
    const multiplanar = options.sizes !== undefined;
    if (options.sizes !== undefined) this.device.sizes = options.sizes;
    this.type = bufType(options.output ?? false, multiplanar);
    this.memory = options.memory ?? V4L2_MEMORY_MMAP;
    this.caller = new TestCaller(options.dmabufs);
    this.q = new Vb2Queue<TestDevice>({
      name: 'bench',
      type: this.type,
      isOutput: options.output ?? false,
      isMultiplanar: multiplanar,
      ioModes: options.memory === undefined && !options.dmabufs ? VB2_MMAP : ALL_MEMORY,
      ops: { ...testOps, ...options.ops },
      memOps: { ...vmallocMemOps(options.dmabufs ?? heapPages), ...options.memOps } as Vb2MemOps,
      drvPriv: this.device,
      clock: this.clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      ...options.config,
    });
  }

  buf(index = 0): v4l2_buffer {
    const b = v4l2_buffer.make();
    b.index = index;
    b.type = this.type;
    b.memory = this.memory;
    return b;
  }

  reqbufs(count: number, file = this.file): v4l2_requestbuffers {
    const req = v4l2_requestbuffers.make();
    req.count = count;
    req.type = this.type;
    req.memory = this.memory;
    vb2Reqbufs(this.q, file, req);
    return req;
  }

  create(count: number, sizeimage = FRAME, file = this.file): v4l2_create_buffers {
    const create = v4l2_create_buffers.make();
    create.count = count;
    create.memory = this.memory;
    create.format.type = this.type;
    create.format.fmt.pix.sizeimage = sizeimage;
    vb2CreateBufs(this.q, file, create);
    return create;
  }

  remove(index: number, count: number, file = this.file): void {
    const remove = v4l2_remove_buffers.make();
    remove.type = this.type;
    remove.index = index;
    remove.count = count;
    vb2RemoveBufs(this.q, file, remove);
  }

  querybuf(index = 0): v4l2_buffer {
    const b = this.buf(index);
    vb2Querybuf(this.q, this.file, b);
    return b;
  }

  prepare(index = 0): v4l2_buffer {
    const b = this.buf(index);
    vb2PrepareBuf(this.q, this.file, b, this.caller);
    return b;
  }

  qbuf(index = 0): v4l2_buffer {
    const b = this.buf(index);
    vb2Qbuf(this.q, this.file, b, this.caller);
    return b;
  }

  dqbuf(caller = this.caller, file = this.file): v4l2_buffer {
    const b = this.buf(0xffff);
    assert.equal(vb2Dqbuf(this.q, file, b, caller), 0, 'DQBUF does not block');
    return b;
  }

  /** A DQBUF that has to wait. */
  blockIn(caller = this.caller): void {
    assert.equal(vb2Dqbuf(this.q, this.file, this.buf(), caller), WOULD_BLOCK);
  }

  streamon(): void {
    vb2Streamon(this.q, this.file, this.type);
  }

  streamoff(): void {
    vb2Streamoff(this.q, this.file, this.type);
  }

  vb(index = 0): Vb2Buffer<TestDevice> {
    const vb = this.q.buffer(index);
    assert.ok(vb, `buffer ${index} exists`);
    return vb;
  }
}

/** A stream with all of its buffers in the driver's hands. */
export function queueStreaming(buffers: number, options: BenchOptions = {}): Bench {
  const bench = new Bench(options);
  bench.reqbufs(buffers);
  for (let index = 0; index < buffers; index++) bench.qbuf(index);
  bench.streamon();
  return bench;
}

/** A queue whose buffer 0 is in `state`. */
export function bufferIn(state: Exclude<Vb2BufferState, 'IN_REQUEST' | 'PREPARING'>): Bench {
  const bench = new Bench();
  bench.reqbufs(2);
  if (state === 'DEQUEUED') return bench;
  bench.qbuf(0);
  if (state === 'QUEUED') return bench;
  bench.streamon();
  if (state === 'DONE' || state === 'ERROR') bench.device.complete(state);
  return bench;
}

/** Runs `body`, which must fail with the error number `code`. */
export function fails(code: number, body: () => unknown, what = ''): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    assert.equal(errnoName(error.code), errnoName(code), `${what} (${error.reason})`);
    return;
  }
  assert.fail(`${what}: expected ${errnoName(code)}, succeeded`);
}
