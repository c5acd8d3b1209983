/**
 * A queue in a world that does what it likes: two programs with two threads each, a driver, hardware that fails.
 * Every method is one step; {@link World.check} says whether all is where it belongs.
 */
import assert from 'node:assert/strict';
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_USERPTR,
  v4l2_buffer,
  v4l2_create_buffers,
  v4l2_exportbuffer,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EIO, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import {
  MAP_SHARED,
  POLL_NOW,
  POLLIN,
  POLLOUT,
  PROT_READ,
  PROT_WRITE,
  WOULD_BLOCK,
} from '../../src/vfs/file.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import {
  VB2_DMABUF,
  VB2_MMAP,
  VB2_READ,
  VB2_USERPTR,
  VB2_WRITE,
  type Vb2Buffer,
  Vb2Queue,
  vb2CreateBufs,
  vb2Dqbuf,
  vb2Expbuf,
  vb2FopRelease,
  vb2Mmap,
  vb2Poll,
  vb2PrepareBuf,
  vb2Qbuf,
  vb2Querybuf,
  vb2Read,
  vb2RemoveBufs,
  vb2Reqbufs,
  vb2Streamoff,
  vb2Streamon,
  vb2Undqbuf,
  vb2Write,
} from '../../src/videobuf2/index.ts';
import { type TestCaller, TestFile } from '../support/vb2-fixture.ts';
import { Client } from './vb2-client.ts';
import { FAULTS, type Fault, FRAME, type Surroundings, worldOps } from './vb2-driver.ts';

const MEMORIES = [V4L2_MEMORY_MMAP, V4L2_MEMORY_USERPTR, V4L2_MEMORY_DMABUF];
/** Some good places, one that overlaps nothing good, and none. */
const POINTERS = [0x1000, 0x1100, 0x1234, 0x1ff0, 0];

export interface WorldOptions {
  readonly output: boolean;
  readonly minQueuedBuffers: number;
  readonly readOnce: boolean;
}

/** A call that sleeps, to be made again when it is woken. */
interface Sleeper {
  readonly caller: TestCaller;
  readonly again: () => number;
  wakeUps: number;
}

export class World implements Surroundings {
  readonly q: Vb2Queue<Surroundings>;
  readonly dmabufs = new HeapDmabufs();
  readonly owned: Vb2Buffer<Surroundings>[] = [];
  readonly clients: Client[];
  readonly clock = new VirtualClock();
  readonly options: WorldOptions;
  sleepers: Sleeper[] = [];
  /** What fails the next time. */
  fault: Fault | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    const { output } = options;
    this.q = new Vb2Queue<Surroundings>({
      name: 'world',
      type: output ? V4L2_BUF_TYPE_VIDEO_OUTPUT : V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: output,
      isMultiplanar: false,
      ioModes: VB2_MMAP | VB2_USERPTR | VB2_DMABUF | (output ? VB2_WRITE : VB2_READ),
      ops: worldOps,
      memOps: this.#memOps(),
      drvPriv: this,
      clock: this.clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      minQueuedBuffers: options.minQueuedBuffers,
      maxNumBuffers: 6,
      fileioReadOnce: options.readOnce,
    });
    this.clients = [new Client(this.dmabufs), new Client(this.dmabufs)];
  }

  /** Fails if `fault` is what is to fail now. */
  strike(fault: Fault): void {
    if (this.fault !== fault) return;
    this.fault = undefined;
    throw new Errno(EIO, `injected: ${fault}`);
  }

  #memOps(): Vb2MemOps {
    const vmalloc = vmallocMemOps(this.dmabufs) as Required<Vb2MemOps>;
    return {
      ...vmalloc,
      alloc: (...args) => {
        this.strike('alloc');
        return vmalloc.alloc(...args);
      },
      getUserptr: (...args) => {
        this.strike('pin');
        return vmalloc.getUserptr(...args);
      },
      attachDmabuf: (...args) => {
        this.strike('attach');
        return vmalloc.attachDmabuf(...args);
      },
      mapDmabuf: (memory) => {
        this.strike('map');
        vmalloc.mapDmabuf(memory);
      },
    };
  }

  /** One step; says which, if it was allowed. Numbers are taken modulo what there is, so every number means something. */
  step(what: number, a: number, b: number): StepName | undefined {
    const name = STEPS[what % STEPS.length] as StepName;
    // Ends are rare, or nothing would ever get far.
    if (ENDS.has(name) && a % 12 !== 0) return undefined;
    // Mostly the owner of the queue: all that the other one hears is EBUSY.
    const owner = this.clients.find(({ file }) => file === this.q.owner);
    const client = owner !== undefined && b % 8 !== 0 ? owner : (this.clients[(b >> 3) & 1] as Client);
    const caller = client.threads[(b >> 4) & 1] as TestCaller;
    // A thread that sleeps in a call cannot make another.
    if (caller.asleep && !WITHOUT_THREAD.has(name)) return undefined;
    try {
      this[name](client, a, caller, b >> 5);
      return name;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return undefined;
    }
  }

  #buf(index: number, memory = this.q.memory): v4l2_buffer {
    const b = v4l2_buffer.make();
    b.index = index;
    b.type = this.q.type;
    b.memory = memory;
    return b;
  }

  /** A buffer as a program would describe it, or nearly. */
  #described(client: Client, a: number, more: number): v4l2_buffer {
    const index = a % (this.q[STATE].bufs.length + 1);
    const b = this.#buf(index, more % 16 === 15 ? V4L2_MEMORY_USERPTR : this.q.memory);
    b.bytesused = this.options.output ? (more % 3 === 0 ? 0 : FRAME) : 0;
    b.length = more % 13 === 0 ? FRAME - 1 : FRAME;
    if (b.memory === V4L2_MEMORY_USERPTR) b.m.userptr = POINTERS[more % POINTERS.length] as number;
    if (b.memory === V4L2_MEMORY_DMABUF) {
      if (client.fds.length === 0) this.foreignFd(client, a);
      b.m.fd = more % 7 === 0 ? -1 : (client.fds[more % client.fds.length] as number);
    }
    return b;
  }

  reqbufs(client: Client, a: number, _caller: TestCaller, more: number): void {
    const req = v4l2_requestbuffers.make();
    Object.assign(req, { count: a % 5, type: this.q.type, memory: MEMORIES[more % 3] });
    vb2Reqbufs(this.q, client.file, req);
  }

  createBufs(client: Client, a: number, _caller: TestCaller, more: number): void {
    const create = v4l2_create_buffers.make();
    Object.assign(create, {
      count: a % 4,
      memory: more % 4 === 0 ? V4L2_MEMORY_USERPTR : this.q.memory || 1,
    });
    create.format.type = this.q.type;
    create.format.fmt.pix.sizeimage = more % 5 === 0 ? FRAME + 7 : FRAME;
    vb2CreateBufs(this.q, client.file, create);
  }

  removeBufs(client: Client, a: number, _caller: TestCaller, more: number): void {
    const remove = v4l2_remove_buffers.make();
    Object.assign(remove, { index: a % 6, count: more % 3, type: this.q.type });
    vb2RemoveBufs(this.q, client.file, remove);
  }

  querybuf(client: Client, a: number): void {
    vb2Querybuf(this.q, client.file, this.#buf(a % 7));
  }

  prepareBuf(client: Client, a: number, caller: TestCaller, more: number): void {
    vb2PrepareBuf(this.q, client.file, this.#described(client, a, more), caller);
  }

  qbuf(client: Client, a: number, caller: TestCaller, more: number): void {
    vb2Qbuf(this.q, client.file, this.#described(client, a, more), caller);
  }

  dqbuf(client: Client, a: number, caller: TestCaller): void {
    client.file.nonblocking = a % 2 === 0;
    this.#call(caller, () => vb2Dqbuf(this.q, client.file, this.#buf(0), caller));
  }

  read(client: Client, a: number, caller: TestCaller, more: number): void {
    // To begin with it is rare: only a close ends it.
    if (!this.q[STATE].fileioActive && a % 4 !== 0) return;
    client.file.nonblocking = more % 2 === 0;
    const address = more % 7 === 0 ? 0x10 : 0x1000;
    const move = this.options.output ? vb2Write : vb2Read;
    this.#call(caller, () => move(this.q, client.file, address, (a % 5) * 20, caller));
  }

  #call(caller: TestCaller, call: () => number): void {
    if (call() === WOULD_BLOCK) this.sleepers.push({ caller, again: call, wakeUps: caller.wakeUps });
  }

  /** The door runs calls again whose queue has woken. */
  runWoken(): void {
    for (const sleeper of [...this.sleepers]) {
      const { caller } = sleeper;
      if (caller.wakeUps === sleeper.wakeUps) continue;
      this.#leave(sleeper);
      try {
        this.#call(caller, sleeper.again);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
      }
    }
  }

  #leave(sleeper: Sleeper): void {
    sleeper.caller.awake();
    this.sleepers = this.sleepers.filter((other) => other !== sleeper);
  }

  /** A signal arrives. */
  interrupt(_client: Client, a: number): void {
    const sleeper = this.sleepers[a % (this.sleepers.length || 1)];
    if (sleeper !== undefined) this.#leave(sleeper);
  }

  undqbuf(client: Client): void {
    vb2Undqbuf(this.q, client.file);
  }

  streamon(client: Client): void {
    vb2Streamon(this.q, client.file, this.q.type);
  }

  streamoff(client: Client): void {
    vb2Streamoff(this.q, client.file, this.q.type);
  }

  poll(client: Client, a: number, _caller: TestCaller, more: number): void {
    // Rarely for good, or programs would hardly ever get to stream.
    vb2Poll(this.q, client.file, (a & (POLLIN | POLLOUT)) | (more % 16 === 0 ? POLL_NOW : 0));
  }

  expbuf(client: Client, a: number, caller: TestCaller): void {
    const exp = v4l2_exportbuffer.make();
    Object.assign(exp, { type: this.q.type, index: a % (this.q[STATE].bufs.length + 1) });
    vb2Expbuf(this.q, client.file, exp, caller);
    client.fds.push(exp.fd);
  }

  /** Another device gives the program a buffer: one that is large enough, and now and then one that is not. */
  foreignFd(client: Client, a: number): void {
    client.fds.push(this.dmabufs.descriptorOf(new Uint8Array(a % 5 === 0 ? FRAME - 1 : FRAME * 2)));
  }

  closeFd(client: Client, a: number): void {
    const [fd] = client.fds.splice(a % (client.fds.length || 1), 1);
    if (fd !== undefined) this.dmabufs.close(fd);
  }

  mmap(client: Client, a: number): void {
    const request = {
      offset: (a % (this.q[STATE].bufs.length + 1)) << 15,
      length: FRAME,
      prot: PROT_READ | PROT_WRITE,
      flags: MAP_SHARED,
    };
    client.mappings.push(vb2Mmap(this.q, request));
  }

  munmap(client: Client, a: number): void {
    client.mappings.splice(a % (client.mappings.length || 1), 1)[0]?.unmap();
  }

  tick(_client: Client, a: number): void {
    const vb = this.owned.shift();
    if (vb === undefined) return;
    if (!this.options.output) vb.setPlanePayload(0, a % (FRAME + 1));
    vb.planeVaddr(0)[0] = a;
    vb.done(a % 4 === 0 ? 'ERROR' : 'DONE');
  }

  /** Now and then: a queue in error is dead until STREAMOFF. */
  fail(_client: Client, a: number): void {
    if (a % 16 === 0) this.q.error();
    else if (a % 4 === 0) this.q.discardDone();
  }

  breakNext(_client: Client, a: number): void {
    this.fault = FAULTS[a % (2 * FAULTS.length)];
  }

  /** The program closes its file, and opens it again. Threads that sleep in a call keep it open. */
  close(client: Client): void {
    if (client.threads.some((thread) => thread.asleep)) return;
    vb2FopRelease(this.q, client.file);
    this.#assertForgotten(client);
    (client as { file: TestFile }).file = new TestFile();
  }

  /** The program is killed; another takes its place. */
  die(client: Client): void {
    for (const sleeper of [...this.sleepers]) {
      if (client.threads.includes(sleeper.caller)) this.#leave(sleeper);
    }
    for (const fd of client.fds) this.dmabufs.close(fd);
    for (const mapping of client.mappings) mapping.unmap();
    vb2FopRelease(this.q, client.file);
    this.#assertForgotten(client);
    this.clients[this.clients.indexOf(client)] = new Client(this.dmabufs);
  }

  #assertForgotten(client: Client): void {
    const { q } = this;
    assert.notEqual(q.owner, client.file, 'a closed file owns nothing');
    assert.equal(client.memory.pinned, 0, 'no memory of a closed file is held');
    assert.ok(!client.threads.some((thread) => q[STATE].dqbufWaiter === thread), 'nobody waits any more');
    if (q.owner === undefined) assert.equal(q.numBuffers, 0, 'buffers have an owner');
  }

  /** The device goes and comes back. */
  unplug(): void {
    this.q.vanish();
    assert.equal(this.q.numBuffers, 0);
    for (const sleeper of [...this.sleepers]) {
      assert.notEqual(sleeper.caller.wakeUps, sleeper.wakeUps, 'nobody sleeps on a device that is gone');
      this.#leave(sleeper);
    }
  }

  /** All programs end. */
  end(): void {
    for (const client of [...this.clients]) this.die(client);
    assert.equal(this.q.numBuffers, 0);
    assert.equal(this.q.owner, undefined);
    assert.ok(this.q[STATE].dqbufWq.empty);
    assert.deepEqual(
      [this.dmabufs.openFds, this.dmabufs.attachments, this.dmabufs.mappings, this.dmabufs.allocations],
      [0, 0, 0, 0],
      'descriptors, attachments, mappings and pages are all given back',
    );
  }
}

/** Frequent things are in here more often. */
export const STEPS = [
  ...['qbuf', 'qbuf', 'qbuf', 'qbuf', 'qbuf', 'dqbuf', 'dqbuf', 'dqbuf', 'tick', 'tick', 'tick', 'tick'],
  ...['reqbufs', 'reqbufs', 'createBufs', 'removeBufs', 'querybuf', 'prepareBuf', 'streamon', 'streamon'],
  ...['streamoff', 'poll', 'read', 'read', 'expbuf', 'foreignFd', 'closeFd', 'mmap', 'munmap', 'fail'],
  ...['breakNext', 'runWoken', 'runWoken', 'interrupt', 'undqbuf', 'close', 'die', 'unplug'],
] as StepName[];

export type StepName = {
  [K in keyof World]: World[K] extends (client: never, a: never, caller: never, more: never) => void
    ? K
    : never;
}[keyof World] &
  Exclude<keyof World, 'step' | 'strike' | 'end'>;

const ENDS: ReadonlySet<string> = new Set(['close', 'die', 'unplug']);

const WITHOUT_THREAD: ReadonlySet<string> = new Set([
  ...['tick', 'fail', 'breakNext', 'runWoken', 'interrupt', 'close', 'die', 'unplug', 'munmap', 'closeFd'],
]);
