/** videobuf: what its document says and the transcripts do not show, and what a driver can do wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as uc from 'usercam';
import {
  type Caller,
  DmaArena,
  type DmaSegment,
  Errno,
  errnoName,
  heapPages,
  List,
  Mutex,
  Program,
  SpinLock,
  Thread,
  VideobufBuffer,
  type VideobufQueue,
  type VideobufQueueConfig,
  type VideobufQueueOps,
  VirtualClock,
} from 'usercam';

const CAPTURE = uc.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const SIZE = 5000;
const WRITE_SHARED = { prot: uc.PROT_READ | uc.PROT_WRITE, flags: uc.MAP_SHARED };

interface Rig {
  readonly clock: VirtualClock;
  readonly list: List<VideobufBuffer>;
  readonly irqlock: SpinLock;
  readonly arena: DmaArena;
  readonly program: Program;
}

const inits = {
  vmalloc: uc.videobufQueueVmallocInit,
  'dma-sg': uc.videobufQueueSgInit,
  'dma-contig': uc.videobufQueueDmaContigInit,
};

function free(kind: keyof typeof inits, q: VideobufQueue, vb: VideobufBuffer): void {
  if (kind === 'vmalloc') uc.videobufVmallocFree(vb);
  else if (kind === 'dma-contig') uc.videobufDmaContigFree(q, vb);
  else {
    uc.videobufDmaUnmap(q, uc.videobufToDma(vb));
    uc.videobufDmaFree(uc.videobufToDma(vb));
  }
}

/** A queue with a driver that does what the document says, changed as a test wants it. */
function queueOf(
  kind: keyof typeof inits,
  change: Partial<VideobufQueueOps<Rig>> = {},
  more: Partial<VideobufQueueConfig<Rig>> & { arenaSize?: number } = {},
): VideobufQueue<Rig> {
  const clock = new VirtualClock();
  const arena = new DmaArena({ size: more.arenaSize ?? 1 << 20 });
  const irqlock = new SpinLock();
  const rig: Rig = { clock, irqlock, arena, list: new List(), program: new Program() };
  const ops: VideobufQueueOps<Rig> = {
    bufSetup(_q, setup) {
      setup.size = SIZE;
    },
    bufPrepare(q, vb, field) {
      vb.size = SIZE;
      vb.field = field;
      if (vb.state === 'NEEDS_INIT') uc.videobufIolock(q, vb);
      vb.state = 'PREPARED';
    },
    bufQueue(q, vb) {
      q.privData.list.addTail(vb.queue);
      vb.state = 'QUEUED';
    },
    *bufRelease(q, vb) {
      yield* uc.videobufWaiton(vb, false, false);
      free(kind, q, vb);
      vb.state = 'NEEDS_INIT';
    },
    ...change,
  };
  const dev = { name: 'rig', clock, pages: heapPages, arena };
  const usual = { ops, dev, irqlock, type: CAPTURE, field: uc.V4L2_FIELD_NONE, priv: rig };
  return inits[kind]<Rig>({ ...usual, ...more });
}

/** A call of a thread of its own: its result, negative for an error. */
function start(q: VideobufQueue<Rig>, operation: (caller: Caller) => number): Thread {
  return new Thread(q.privData.program.memory, operation);
}

function now(q: VideobufQueue<Rig>, operation: (caller: Caller) => number): number {
  const { result } = start(q, operation);
  if (result === undefined) throw new Error('it would block');
  return result;
}

function reqbufs(q: VideobufQueue<Rig>, count: number, memory: number): number {
  const req = uc.v4l2_requestbuffers.make();
  Object.assign(req, { count, memory, type: q.type });
  return now(q, (caller) => uc.videobufReqbufs(q, req, caller));
}

function buffer(q: VideobufQueue<Rig>, index: number, memory: number): uc.v4l2_buffer {
  const b = uc.v4l2_buffer.make();
  Object.assign(b, { index, memory, type: q.type, length: SIZE });
  return b;
}

const qbuf = (q: VideobufQueue<Rig>, index: number, memory = uc.V4L2_MEMORY_MMAP, userptr = 0): number => {
  const b = buffer(q, index, memory);
  if (memory === uc.V4L2_MEMORY_USERPTR) b.m.userptr = userptr;
  return now(q, (caller) => uc.videobufQbuf(q, b, caller));
};
const dqbuf = (q: VideobufQueue<Rig>): Thread =>
  start(q, (caller) => uc.videobufDqbuf(q, buffer(q, 0, 0), false, caller));
const streamon = (q: VideobufQueue<Rig>): number => now(q, (caller) => uc.videobufStreamon(q, caller));
const streamoff = (q: VideobufQueue<Rig>): Thread => start(q, (caller) => uc.videobufStreamoff(q, caller));

function mapped(q: VideobufQueue<Rig>, index: number, length = SIZE): uc.VideobufMapping {
  const offset = q.bufs[index]?.boff ?? 0;
  return uc.videobufMmapMapper(q, { offset, length, ...WRITE_SHARED });
}

/** The driver is done with the buffer at the head of its list. */
function finish(q: VideobufQueue<Rig>, state: 'DONE' | 'ERROR' = 'DONE'): VideobufBuffer {
  const vb = q.privData.list.shift() as VideobufBuffer;
  vb.state = state;
  vb.done.wakeUp();
  return vb;
}

function streaming(
  kind: keyof typeof inits,
  ...more: Parameters<typeof queueOf> extends [unknown, ...infer R] ? R : never
) {
  const q = queueOf(kind, ...more);
  assert.equal(reqbufs(q, 2, uc.V4L2_MEMORY_MMAP), 0);
  const mappings = [mapped(q, 0), mapped(q, 1)] as const;
  assert.deepEqual([qbuf(q, 0), qbuf(q, 1), streamon(q)], [0, 0, 0]);
  return { q, mappings };
}

function code(body: () => unknown): string {
  try {
    body();
    return 'ok';
  } catch (thrown) {
    if (thrown instanceof Errno) return errnoName(thrown.code);
    throw thrown;
  }
}

function bugsIn(body: () => void): string[] {
  const reports: string[] = [];
  const before = uc.onDriverBug((report) => reports.push(report));
  try {
    body();
  } finally {
    uc.onDriverBug(before);
  }
  return reports;
}

test('videobufToDma gives a scatter list that covers the frame, in pieces where addresses are', () => {
  const q = queueOf('dma-sg');
  const holes = [1, 2, 3].map(() => q.privData.arena.mapContiguous({ bytes: new Uint8Array(4096) }, 4096));
  q.privData.arena.unmap(holes[0] as uc.DmaRange);
  q.privData.arena.unmap(holes[2] as uc.DmaRange);
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  const { bytes } = mapped(q, 0);
  assert.equal(qbuf(q, 0), 0);
  const dma = uc.videobufToDma(q.bufs[0] as VideobufBuffer);
  assert.deepEqual([dma.sglen, dma.sglist.map((piece) => piece.bytes.length)], [2, [4096, SIZE - 4096]]);
  (dma.sglist[1] as DmaSegment).bytes[0] = 7;
  assert.equal(bytes[4096], 7);
});

test('a scatter list that the driver makes after reqbufs is left alone', () => {
  const q = queueOf('dma-sg');
  reqbufs(q, 1, uc.V4L2_MEMORY_USERPTR);
  const dma = uc.videobufToDma(q.bufs[0] as VideobufBuffer);
  const sglist = [{ address: 4096 as uc.PhysicalAddress, bytes: new Uint8Array(SIZE) }];
  dma.sglist = sglist;
  dma.sglen = 1;
  assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR), 0);
  assert.equal(dma.sglist, sglist);
  streamon(q);
  assert.equal(streamoff(q).result, 0);
  assert.equal(dma.sglen, 1);
});

test('overlay buffers lie in the video memory that iolock is given', () => {
  const fbuf = uc.v4l2_framebuffer.make();
  fbuf.base = 0x100000;
  const q = queueOf('dma-sg', {
    bufPrepare(queue, vb) {
      vb.size = SIZE;
      uc.videobufIolock(queue, vb, fbuf);
      vb.state = 'PREPARED';
    },
  });
  reqbufs(q, 1, uc.V4L2_MEMORY_OVERLAY);
  const b = buffer(q, 0, uc.V4L2_MEMORY_OVERLAY);
  b.m.offset = 0x2000;
  assert.equal(
    now(q, (caller) => uc.videobufQbuf(q, b, caller)),
    0,
  );
  assert.equal(uc.videobufToDma(q.bufs[0] as VideobufBuffer).busAddr, 0x102000);
  assert.equal(
    code(() => uc.videobufMmapMapper(q, { offset: 0x2000, length: SIZE, ...WRITE_SHARED })),
    'EINVAL',
  );
});

test('a contiguous allocation fails when there is no hole for it, and leaves nothing mapped', () => {
  const q = queueOf('dma-contig', {}, { arenaSize: 4 * 4096 });
  const pages = [0, 1, 2, 3].map(() => q.privData.arena.mapContiguous({ bytes: new Uint8Array(4096) }, 4096));
  q.privData.arena.unmap(pages[0] as uc.DmaRange);
  q.privData.arena.unmap(pages[2] as uc.DmaRange);
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  assert.equal(
    code(() => mapped(q, 0)),
    'ENOMEM',
  );
  assert.equal(q.bufs[0]?.map, undefined);
  q.privData.arena.unmap(pages[1] as uc.DmaRange);
  mapped(q, 0);
  assert.equal(qbuf(q, 0), 0);
  assert.equal(typeof uc.videobufToDmaContig(q.bufs[0] as VideobufBuffer), 'number');
});

test('contiguous buffers take memory of the program that is in one piece: within a page', () => {
  const q = queueOf('dma-contig', {
    bufPrepare(queue, vb) {
      vb.size = 100;
      uc.videobufIolock(queue, vb);
      vb.state = 'PREPARED';
    },
  });
  reqbufs(q, 2, uc.V4L2_MEMORY_USERPTR);
  const { address } = q.privData.program.alloc(1 << 16);
  const page = Math.ceil(address / 4096) * 4096;
  assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR, page), 0);
  assert.equal(qbuf(q, 1, uc.V4L2_MEMORY_USERPTR, page + 4090), -uc.EINVAL);
  streamon(q);
  finish(q);
  assert.equal(dqbuf(q).result, 0);
});

test('a driver has buffers of its own class', () => {
  class MyBuffer extends VideobufBuffer {
    extra = 42;
  }
  const seen: number[] = [];
  const q = queueOf(
    'vmalloc',
    {
      bufQueue(_q, vb) {
        seen.push((vb as MyBuffer).extra);
        vb.state = 'QUEUED';
      },
    },
    { buffer: MyBuffer },
  );
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  mapped(q, 0);
  qbuf(q, 0);
  streamon(q);
  assert.deepEqual(seen, [42]);
});

test('videobufNextField turns with V4L2_FIELD_ALTERNATE, and not else', () => {
  const alternate = queueOf('vmalloc', {}, { field: uc.V4L2_FIELD_ALTERNATE });
  const fields = [1, 2, 3].map(() => uc.videobufNextField(alternate));
  assert.deepEqual(fields, [uc.V4L2_FIELD_TOP, uc.V4L2_FIELD_BOTTOM, uc.V4L2_FIELD_TOP]);
  assert.equal(uc.videobufNextField(queueOf('vmalloc')), uc.V4L2_FIELD_NONE);
});

test('videobufQueueIsBusy says so from QBUF or mmap on, not from REQBUFS', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  assert.equal(uc.videobufQueueIsBusy(q), false);
  mapped(q, 0);
  assert.equal(uc.videobufQueueIsBusy(q), true);
});

test('a driver that reads by itself begins with videobufReadStart and ends with videobufReadStop', () => {
  const q = queueOf('vmalloc');
  q.background.run(uc.videobufReadStart(q));
  assert.deepEqual([q.reading, q.privData.list.length], [true, 2]);
  assert.equal(streamon(q), -uc.EBUSY);
  q.background.run(uc.videobufReadStop(q));
  assert.deepEqual([q.reading, q.privData.list.length, streamon(q)], [false, 0, 0]);
});

test('bufQueue that takes the irqlock is reported as the deadlock that it was', () => {
  const bugs = bugsIn(() => {
    streaming('vmalloc', {
      bufQueue(q, vb) {
        q.privData.irqlock.lock('my bufQueue');
        vb.state = 'QUEUED';
        q.privData.irqlock.unlock();
      },
    });
  });
  assert.equal(bugs.length, 2);
  assert.match(bugs[0] as string, /my bufQueue takes a spinlock that is held: a deadlock in the kernel/);
});

test('states that a driver forgets to set are reported and set', () => {
  const bugs = bugsIn(() => {
    const { q } = streaming('vmalloc', {
      bufPrepare(queue, vb) {
        vb.size = SIZE;
        uc.videobufIolock(queue, vb);
      },
      bufQueue: () => {},
      *bufRelease() {},
    });
    assert.deepEqual([q.bufs[0]?.state, q.bufs[1]?.state], ['QUEUED', 'QUEUED']);
    assert.equal(streamoff(q).result, 0);
    assert.equal(q.bufs[0]?.state, 'NEEDS_INIT');
  });
  assert.match(bugs[0] as string, /bufPrepare left buffer 0 in NEEDS_INIT/);
  assert.match(bugs[2] as string, /bufQueue left buffer 0 in PREPARED/);
  assert.match(bugs.at(-1) as string, /bufRelease left buffer 1 in ERROR/);
});

test('what an op throws that must not fail is a bug of the driver, and streaming goes on', () => {
  const bugs = bugsIn(() => {
    const { q } = streaming('vmalloc', {
      bufQueue(_q, vb) {
        vb.state = 'QUEUED';
        throw new Errno(uc.EIO, 'no');
      },
      bufPrepare(queue, vb) {
        vb.size = SIZE;
        uc.videobufIolock(queue, vb);
        vb.state = 'PREPARED';
      },
    });
    assert.equal(streamoff(q).result, 0);
  });
  assert.equal(bugs.length, 2);
  assert.match(bugs[0] as string, /bufQueue threw, but must not fail/);
});

test('a mapping that is too short for a frame is refused at QBUF, where Linux 6.1 wrote behind it', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  mapped(q, 0, 4096);
  assert.equal(qbuf(q, 0), -uc.EINVAL);
});

test('poll does not throw away buffers that are queued, as Linux 6.1 did and died of it', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_USERPTR);
  assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR, 0), 0);
  const file = new uc.File({} as uc.CharDevice, () => true);
  assert.equal(uc.videobufPollStream(file, q, uc.POLLIN | uc.POLL_NOW), uc.POLLERR);
  assert.equal(q.stream.length, 1);
});

test('a bufPrepare that fails while a read starts leaves nothing behind, as Linux 6.1 did', () => {
  let left = 2;
  const q = queueOf('vmalloc', {
    bufSetup(_q, setup) {
      setup.count = 4;
      setup.size = SIZE;
    },
    bufPrepare(queue, vb) {
      if (left-- === 0) throw new Errno(uc.EIO, 'once');
      vb.size = SIZE;
      uc.videobufIolock(queue, vb);
      vb.state = 'PREPARED';
    },
  });
  const { address } = q.privData.program.alloc(SIZE);
  const request = { data: address, count: SIZE, nonblocking: true };
  const read = () => now(q, (caller) => uc.videobufReadStream(q, request, false, caller));
  assert.equal(read(), -uc.EIO);
  assert.deepEqual([q.stream.length, q.bufs.every((vb) => vb === undefined)], [0, true]);
  assert.equal(read(), -uc.EAGAIN);
  assert.equal(q.privData.list.length, 4);
});

test('with an external lock a sleep on a buffer lets others in, and STREAMOFF ends it', () => {
  const { q } = streaming('vmalloc', {}, { extLock: new Mutex() });
  const sleeper = dqbuf(q);
  assert.equal(sleeper.result, undefined);
  const b = buffer(q, 1, uc.V4L2_MEMORY_MMAP);
  assert.equal(
    now(q, (caller) => uc.videobufQuerybuf(q, b, caller)),
    0,
  );
  assert.equal(streamoff(q).result, 0);
  assert.equal(sleeper.result, -uc.EINVAL);
});

test('with an external lock a sleep on an empty stream lets nobody in', () => {
  const q = queueOf('vmalloc', {}, { extLock: new Mutex() });
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  streamon(q);
  const sleeper = dqbuf(q);
  const b = buffer(q, 0, uc.V4L2_MEMORY_MMAP);
  const other = start(q, (caller) => uc.videobufQuerybuf(q, b, caller));
  assert.equal(other.result, undefined);
  sleeper.interrupt();
  assert.deepEqual([sleeper.result, other.result], [-uc.EINTR, 0]);
});

test('who waits for an ACTIVE buffer in STREAMOFF cannot be interrupted, and gets his answer', () => {
  const { q } = streaming('vmalloc');
  (q.bufs[0] as VideobufBuffer).state = 'ACTIVE';
  const waiting = streamoff(q);
  waiting.interrupt();
  assert.equal(waiting.result, undefined);
  finish(q);
  assert.equal(waiting.result, 0);
  assert.equal(q.streaming, false);
});

test('the end of a mapping waits for the lock, and cancels the stream then', () => {
  const { q, mappings } = streaming('vmalloc');
  const sleeper = dqbuf(q);
  mappings[1].unmapped();
  assert.deepEqual([q.streaming, mappings[1].isOver], [true, false]);
  finish(q);
  assert.equal(sleeper.result, 0);
  q.privData.clock.advance(0);
  assert.deepEqual([q.streaming, mappings[1].isOver, q.bufs[1]?.map], [false, true, undefined]);
});

test('a device that goes wakes who waits, and they hear EINVAL', () => {
  const { q } = streaming('vmalloc');
  const asleep = dqbuf(q);
  q.vanish();
  assert.deepEqual([asleep.result, dqbuf(q).result], [-uc.EINVAL, -uc.EINVAL]);
});

test('waitqueueActive: a sleeper, or a file that somebody polls and that has asked for the head', () => {
  const { q } = streaming('vmalloc');
  const [head, second] = q.bufs as [VideobufBuffer, VideobufBuffer];
  assert.equal(uc.waitqueueActive(head), false);
  const sleeper = dqbuf(q);
  assert.deepEqual([uc.waitqueueActive(head), uc.waitqueueActive(second)], [true, false]);
  sleeper.interrupt();
  const file = new uc.File({} as uc.CharDevice, () => true);
  uc.videobufPollStream(file, q, uc.POLLIN);
  assert.equal(uc.waitqueueActive(head), false);
  file.pollWait.add(() => {});
  assert.deepEqual([uc.waitqueueActive(head), uc.waitqueueActive(second)], [true, false]);
});

test('functions of one kind say so when they are given a buffer of another', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  const vb = q.bufs[0] as VideobufBuffer;
  const bugs = bugsIn(() => {
    assert.equal(
      code(() => uc.videobufToDma(vb)),
      'EINVAL',
    );
    assert.equal(
      code(() => uc.videobufToDmaContig(vb)),
      'EINVAL',
    );
  });
  assert.equal(bugs.length, 2);
});

test('the last close: videobufStop ends what goes on, videobufMmapFree frees, and refuses while something is mapped', () => {
  const { q, mappings } = streaming('vmalloc');
  q.background.run(uc.videobufStop(q));
  assert.deepEqual([q.streaming, q.privData.list.length], [false, 0]);
  const free = uc.videobufMmapFree(q);
  assert.equal(
    code(() => free.next()),
    'EBUSY',
  );
  for (const mapping of mappings) mapping.unmapped();
  q.background.run(uc.videobufMmapFree(q));
  assert.ok(q.bufs.every((vb) => vb === undefined));
});
