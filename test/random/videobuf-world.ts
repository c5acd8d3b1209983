/**
 * A queue of videobuf in a world that does what it likes: a program with any number of threads, a driver that takes its
 * time, memory that fails. Every step is what a program, the driver or the machine does.
 */
import assert from 'node:assert/strict';
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_FIELD_ALTERNATE,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  v4l2_buffer,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EIO, ENOMEM, Errno } from '../../src/base/errno.ts';
import { List } from '../../src/base/list.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { DmaArena } from '../../src/memory/index.ts';
import { heapPages, type PageAllocator } from '../../src/memory/pages.ts';
import { Program, Thread } from '../../src/testing/in-process-client.ts';
import {
  type CharDevice,
  File,
  MAP_SHARED,
  POLL_NOW,
  POLLIN,
  POLLPRI,
  PROT_READ,
  PROT_WRITE,
} from '../../src/vfs/file.ts';
import {
  SpinLock,
  type VideobufBuffer,
  type VideobufMapping,
  type VideobufQueue,
  type VideobufQueueOps,
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
  videobufQueueSgInit,
  videobufQueueVmallocInit,
  videobufReadOne,
  videobufReadStream,
  videobufReqbufs,
  videobufStop,
  videobufStreamoff,
  videobufStreamon,
  videobufToDma,
  videobufVmallocFree,
  videobufWaiton,
} from '../../src/videobuf/index.ts';

export const KINDS = ['vmalloc', 'dma-sg', 'dma-contig'] as const;
export type Kind = (typeof KINDS)[number];
const inits = {
  vmalloc: videobufQueueVmallocInit,
  'dma-sg': videobufQueueSgInit,
  'dma-contig': videobufQueueDmaContigInit,
};
const MEMORIES = [V4L2_MEMORY_MMAP, V4L2_MEMORY_MMAP, V4L2_MEMORY_USERPTR, V4L2_MEMORY_OVERLAY];
const FRAME = 5000;
const MOST_THREADS = 6;
const ARENA = 1 << 18;

export interface Options {
  readonly kind: Kind;
  readonly readsOne: boolean;
}

export const STEPS = [
  ...([
    'reqbufs',
    'mmap',
    'unmap',
    'qbuf',
    'dqbuf',
    'streamon',
    'streamoff',
    'read',
    'poll',
    'querybuf',
  ] as const),
  ...(['interrupt', 'finish', 'activate', 'failPrepare', 'failMemory', 'look'] as const),
];
export type StepName = (typeof STEPS)[number];

const queueOps: VideobufQueueOps<World> = {
  bufSetup(_q, setup) {
    setup.count = Math.min(setup.count || 3, 5);
    setup.size = FRAME;
  },
  bufPrepare(q, vb, field) {
    if (q.privData.takeFault('prepare')) throw new Errno(EIO, 'as it was told');
    vb.size = FRAME;
    vb.field = field;
    if (vb.state === 'NEEDS_INIT') videobufIolock(q, vb);
    vb.state = 'PREPARED';
  },
  bufQueue(q, vb) {
    q.privData.list.addTail(vb.queue);
    vb.state = 'QUEUED';
  },
  *bufRelease(q, vb) {
    yield* videobufWaiton(vb, false, false);
    q.privData.free(vb);
    vb.state = 'NEEDS_INIT';
  },
};

export class World {
  readonly options: Options;
  readonly clock = new VirtualClock();
  readonly arena = new DmaArena({ size: ARENA });
  readonly list = new List<VideobufBuffer>();
  readonly queue: VideobufQueue<World>;
  readonly file = new File({} as CharDevice, () => true);
  readonly mappings: VideobufMapping[] = [];
  /** Pages that somebody has mapped, or the framework has not given back. */
  pages = 0;
  threads: Thread[] = [];
  readonly #program = new Program(1 << 16);
  readonly #memory = this.#program.alloc(8 * FRAME);
  readonly #buffer = v4l2_buffer.make();
  readonly #request = v4l2_requestbuffers.make();
  #fault: 'prepare' | 'memory' | undefined;

  constructor(options: Options) {
    this.options = options;
    this.queue = inits[options.kind]<World>({
      ops: queueOps,
      dev: { name: 'world', clock: this.clock, pages: this.#allocator(), arena: this.arena },
      irqlock: new SpinLock(),
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      field: V4L2_FIELD_ALTERNATE,
      priv: this,
    });
  }

  #allocator(): PageAllocator {
    return {
      allocate: (length, offset) => {
        if (this.takeFault('memory')) throw new Errno(ENOMEM, 'as it was told');
        const pages = heapPages.allocate(length, offset);
        this.pages++;
        const free = () => {
          pages.free();
          this.pages--;
        };
        return { ...pages, free };
      },
    };
  }

  takeFault(fault: 'prepare' | 'memory'): boolean {
    const is = this.#fault === fault;
    if (is) this.#fault = undefined;
    return is;
  }

  free(vb: VideobufBuffer): void {
    switch (this.options.kind) {
      case 'vmalloc':
        videobufVmallocFree(vb);
        break;
      case 'dma-contig':
        videobufDmaContigFree(this.queue, vb);
        break;
      case 'dma-sg':
        videobufDmaUnmap(this.queue, videobufToDma(vb));
        videobufDmaFree(videobufToDma(vb));
    }
  }

  /** Does a step, if there is room for it; whether it did. */
  step(name: StepName, a: number, b: number): boolean {
    const did = this.#steps[name](a, b);
    this.settle();
    return did;
  }

  /** Everybody goes on who can. */
  settle(): void {
    for (let before = -1; before !== this.threads.length; ) {
      before = this.threads.length;
      this.clock.advance(0);
      this.threads = this.threads.filter((thread) => thread.result === undefined);
      this.clock.advance(0);
    }
  }

  #call(operation: (caller: Thread) => number): boolean {
    if (this.threads.length >= MOST_THREADS) return false;
    const thread = new Thread(this.#program.memory, (caller) => operation(caller as Thread));
    if (thread.result === undefined) this.threads.push(thread);
    return true;
  }

  #struct(index: number, memory: number, pointer: number): v4l2_buffer {
    const b = this.#buffer;
    b.$bytes.fill(0);
    Object.assign(b, { index, memory, type: V4L2_BUF_TYPE_VIDEO_CAPTURE, length: FRAME });
    if (memory === V4L2_MEMORY_USERPTR) b.m.userptr = pointer;
    return b;
  }

  readonly #steps: Readonly<Record<StepName, (a: number, b: number) => boolean>> = {
    reqbufs: (a, b) =>
      this.#call((caller) => {
        const memory = MEMORIES[b % MEMORIES.length] as number;
        Object.assign(this.#request, { count: a % 5, memory, type: V4L2_BUF_TYPE_VIDEO_CAPTURE });
        return videobufReqbufs(this.queue, this.#request, caller);
      }),
    mmap: (a, b) => {
      const vb = this.queue.bufs[a % 5];
      if (vb === undefined || this.queue.lock.isLocked || this.mappings.length > 12) return false;
      const length = b % 8 === 0 ? 4096 : FRAME;
      try {
        this.mappings.push(
          videobufMmapMapper(this.queue, {
            offset: vb.boff,
            length,
            prot: PROT_READ | PROT_WRITE,
            flags: MAP_SHARED,
          }),
        );
        return true;
      } catch (thrown) {
        if (thrown instanceof Errno) return false;
        throw thrown;
      }
    },
    unmap: (a) => {
      const [mapping] = this.mappings.splice(a % Math.max(1, this.mappings.length), 1);
      mapping?.unmapped();
      return mapping !== undefined;
    },
    qbuf: (a, b) =>
      this.#call((caller) => {
        const memory = this.queue.bufs[0]?.memory ?? V4L2_MEMORY_MMAP;
        const pointer = b % 3 === 0 ? 0 : this.#memory.address + FRAME * (b % 4);
        return videobufQbuf(this.queue, this.#struct(a % 5, memory, pointer), caller);
      }),
    dqbuf: (a) =>
      this.#call((caller) => videobufDqbuf(this.queue, this.#struct(0, 0, 0), a % 2 === 0, caller)),
    streamon: () => this.#call((caller) => videobufStreamon(this.queue, caller)),
    streamoff: () => this.#call((caller) => videobufStreamoff(this.queue, caller)),
    read: (a, b) =>
      this.#call((caller) => {
        const request = {
          data: this.#memory.address,
          count: b % (2 * FRAME),
          nonblocking: a % 2 === 0,
        };
        return this.options.readsOne
          ? videobufReadOne(this.queue, request, caller)
          : videobufReadStream(this.queue, request, a % 3 === 0, caller);
      }),
    poll: (a) => {
      videobufPollStream(this.file, this.queue, (a % 2 ? POLLIN : POLLPRI) | (a % 4 < 2 ? POLL_NOW : 0));
      return true;
    },
    querybuf: (a) => this.#call((caller) => videobufQuerybuf(this.queue, this.#struct(a % 5, 0, 0), caller)),
    interrupt: (a) => {
      const thread = this.threads[a % Math.max(1, this.threads.length)];
      thread?.interrupt();
      return thread !== undefined;
    },
    finish: (a, b) => this.#finish(a, b),
    activate: () => {
      const head = this.list.first?.item;
      if (head !== undefined) head.state = 'ACTIVE';
      return head !== undefined;
    },
    failPrepare: () => {
      this.#fault = 'prepare';
      return true;
    },
    failMemory: () => {
      this.#fault = 'memory';
      return true;
    },
    look: () => {
      this.clock.advance(1000);
      return true;
    },
  };

  #finish(a: number, b: number): boolean {
    let entry = this.list.first;
    for (let i = 0; i < a % 3 && entry?.next !== undefined; i++) entry = entry.next;
    if (entry === undefined) return false;
    const vb = entry.item;
    this.list.remove(entry);
    vb.state = b % 5 === 0 ? 'ERROR' : 'DONE';
    vb.fieldCount += 2;
    vb.done.wakeUp();
    return true;
  }

  /** The program ends: its threads, its mappings, the file. The driver finishes what it has. Nothing is left. */
  end(): void {
    this.#fault = undefined;
    for (const thread of this.threads) thread.interrupt();
    for (const mapping of this.mappings.splice(0)) mapping.unmapped();
    this.queue.background.run(videobufStop(this.queue));
    this.queue.background.run(videobufMmapFree(this.queue));
    for (let i = 0; i < 1000 && (this.list.length > 0 || this.queue.lock.isLocked); i++) {
      this.#finish(0, 1);
      this.settle();
    }
    assert.equal(this.list.length, 0, 'the driver has nothing');
    assert.equal(this.queue.lock.isLocked, false, 'nobody has the lock');
    assert.ok(
      this.queue.bufs.every((vb) => vb === undefined),
      'there are no buffers',
    );
    assert.equal(this.pages, 0, 'all pages are back');
    assert.equal(this.arena.free, ARENA, 'all addresses are back');
  }
}
