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
  V4L2_MEMORY_MMAP,
  v4l2_buffer,
  v4l2_create_buffers,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { onDriverBug } from '../../src/base/bug.ts';
import { EFAULT, Errno, errnoName } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import type { WaitQueue } from '../../src/base/wait-queue.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import type { Caller, PinnedMemory, UserMemory } from '../../src/vfs/file.ts';
import { WOULD_BLOCK } from '../../src/vfs/file.ts';
import {
  VB2_MMAP,
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

export const FRAME = 5000;
export const TYPE = V4L2_BUF_TYPE_VIDEO_CAPTURE;

/** An open file; `nonblocking` is its O_NONBLOCK. */
export class TestFile {
  nonblocking = false;
  nonblock = () => this.nonblocking;
}

/** Takes a range of an address space that is an array; pages below 0x1000 are not mapped. */
function pinIn(space: Uint8Array, address: number, length: number): PinnedMemory {
  if (address < 0x1000 || address + length > space.length) throw new Errno(EFAULT, 'not mapped');
  return {
    bytes: space.subarray(address, address + length),
    fetch: () => true,
    flush: () => true,
    release: () => {},
  };
}

/** A thread of a program. It stays on the queue it sleeps on until `awake` is called. */
export class TestCaller implements Caller {
  /** Its address space: user pointers are offsets into it, from 0x1000 on. */
  readonly space = new Uint8Array(1 << 20);
  readonly memory: UserMemory = {
    read: () => {},
    write: () => {},
    pin: (address, length) => pinIn(this.space, address, length),
  };
  /** Descriptors are the same numbers on both sides. */
  readonly installFd = (fd: number) => fd;
  readonly takeFd = (fd: number) => fd;
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
}

/** A queue, its device, and the program that owns it. */
export class Bench {
  readonly device = new TestDevice();
  readonly clock = new VirtualClock();
  readonly file = new TestFile();
  readonly caller = new TestCaller();
  readonly q: Vb2Queue<TestDevice>;
  readonly type: number;

  constructor(options: BenchOptions = {}) {
    const multiplanar = options.sizes !== undefined;
    if (options.sizes !== undefined) this.device.sizes = options.sizes;
    this.type = options.output
      ? V4L2_BUF_TYPE_VIDEO_OUTPUT
      : multiplanar
        ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE
        : TYPE;
    this.q = new Vb2Queue<TestDevice>({
      name: 'bench',
      type: this.type,
      isOutput: options.output ?? false,
      isMultiplanar: multiplanar,
      ioModes: VB2_MMAP,
      ops: { ...testOps, ...options.ops },
      memOps: { ...vmallocMemOps(heapPages), ...options.memOps } as Vb2MemOps,
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
    b.memory = V4L2_MEMORY_MMAP;
    return b;
  }

  reqbufs(count: number, file = this.file): v4l2_requestbuffers {
    const req = v4l2_requestbuffers.make();
    req.count = count;
    req.type = this.type;
    req.memory = V4L2_MEMORY_MMAP;
    vb2Reqbufs(this.q, file, req);
    return req;
  }

  create(count: number, sizeimage = FRAME, file = this.file): v4l2_create_buffers {
    const create = v4l2_create_buffers.make();
    create.count = count;
    create.memory = V4L2_MEMORY_MMAP;
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
    vb2PrepareBuf(this.q, this.file, b);
    return b;
  }

  qbuf(index = 0): v4l2_buffer {
    const b = this.buf(index);
    vb2Qbuf(this.q, this.file, b);
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

/** Runs `body` and gives the driver bugs reported meanwhile. */
export function bugsIn(body: () => void): string[] {
  const reports: string[] = [];
  const before = onDriverBug((report) => reports.push(report));
  try {
    body();
  } finally {
    onDriverBug(before);
  }
  return reports;
}

/** Runs `body`; any report of a driver bug fails the test. */
export function withoutBugs(body: () => void): void {
  assert.deepEqual(bugsIn(body), []);
}
