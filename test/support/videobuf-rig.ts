/** A queue of videobuf with a driver that does what the document says, and the calls of a program. */
import assert from 'node:assert/strict';
import * as uc from 'usercam';
import {
  type Caller,
  DmaArena,
  Errno,
  errnoName,
  heapPages,
  List,
  Program,
  SpinLock,
  Thread,
  type VideobufBuffer,
  type VideobufQueue,
  type VideobufQueueConfig,
  type VideobufQueueOps,
  VirtualClock,
} from 'usercam';

export const CAPTURE = uc.V4L2_BUF_TYPE_VIDEO_CAPTURE;
export const SIZE = 5000;
export const WRITE_SHARED = { prot: uc.PROT_READ | uc.PROT_WRITE, flags: uc.MAP_SHARED };

export interface Rig {
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

export function free(kind: keyof typeof inits, q: VideobufQueue, vb: VideobufBuffer): void {
  if (kind === 'vmalloc') uc.videobufVmallocFree(vb);
  else if (kind === 'dma-contig') uc.videobufDmaContigFree(q, vb);
  else {
    uc.videobufDmaUnmap(q, uc.videobufToDma(vb));
    uc.videobufDmaFree(uc.videobufToDma(vb));
  }
}

/** A queue with a driver that does what the document says, changed as a test wants it. */
export function queueOf(
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
export function start(q: VideobufQueue<Rig>, operation: (caller: Caller) => number): Thread {
  return new Thread(q.privData.program.memory, operation);
}

export function now(q: VideobufQueue<Rig>, operation: (caller: Caller) => number): number {
  const { result } = start(q, operation);
  if (result === undefined) throw new Error('it would block');
  return result;
}

export function reqbufs(q: VideobufQueue<Rig>, count: number, memory: number): number {
  const req = uc.v4l2_requestbuffers.make();
  Object.assign(req, { count, memory, type: q.type });
  return now(q, (caller) => uc.videobufReqbufs(q, req, caller));
}

export function buffer(q: VideobufQueue<Rig>, index: number, memory: number): uc.v4l2_buffer {
  const b = uc.v4l2_buffer.make();
  Object.assign(b, { index, memory, type: q.type, length: SIZE });
  return b;
}

export const qbuf = (
  q: VideobufQueue<Rig>,
  index: number,
  memory = uc.V4L2_MEMORY_MMAP,
  userptr = 0,
): number => {
  const b = buffer(q, index, memory);
  if (memory === uc.V4L2_MEMORY_USERPTR) b.m.userptr = userptr;
  return now(q, (caller) => uc.videobufQbuf(q, b, caller));
};
export const dqbuf = (q: VideobufQueue<Rig>): Thread =>
  start(q, (caller) => uc.videobufDqbuf(q, buffer(q, 0, 0), false, caller));
export const streamon = (q: VideobufQueue<Rig>): number => now(q, (caller) => uc.videobufStreamon(q, caller));
export const streamoff = (q: VideobufQueue<Rig>): Thread =>
  start(q, (caller) => uc.videobufStreamoff(q, caller));

export function mapped(q: VideobufQueue<Rig>, index: number, length = SIZE): uc.VideobufMapping {
  const offset = q.bufs[index]?.boff ?? 0;
  return uc.videobufMmapMapper(q, { offset, length, ...WRITE_SHARED });
}

/** The driver is done with the buffer at the head of its list. */
export function finish(q: VideobufQueue<Rig>, state: 'DONE' | 'ERROR' = 'DONE'): VideobufBuffer {
  const vb = q.privData.list.shift() as VideobufBuffer;
  vb.state = state;
  vb.done.wakeUp();
  return vb;
}

export function streaming(
  kind: keyof typeof inits,
  ...more: Parameters<typeof queueOf> extends [unknown, ...infer R] ? R : never
) {
  const q = queueOf(kind, ...more);
  assert.equal(reqbufs(q, 2, uc.V4L2_MEMORY_MMAP), 0);
  const mappings = [mapped(q, 0), mapped(q, 1)] as const;
  assert.deepEqual([qbuf(q, 0), qbuf(q, 1), streamon(q)], [0, 0, 0]);
  return { q, mappings };
}

export function code(body: () => unknown): string {
  try {
    body();
    return 'ok';
  } catch (thrown) {
    if (thrown instanceof Errno) return errnoName(thrown.code);
    throw thrown;
  }
}

export function bugsIn(body: () => void): string[] {
  const reports: string[] = [];
  const before = uc.onDriverBug((report) => reports.push(report));
  try {
    body();
  } finally {
    uc.onDriverBug(before);
  }
  return reports;
}
