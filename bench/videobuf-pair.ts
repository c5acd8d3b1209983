/**
 * A frame's QBUF and DQBUF on videobuf beside the same on videobuf2, in turns, so that what else the machine does meets
 * both: how many times as long the older one takes, and whether anything is allocated on the way.
 *
 *     node --expose-gc dist/bench/videobuf-pair.js
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_FIELD_NONE,
  V4L2_MEMORY_MMAP,
  v4l2_buffer,
  v4l2_requestbuffers,
} from '../src/abi/index.ts';
import { VirtualClock } from '../src/base/timers.ts';
import { heapPages } from '../src/memory/pages.ts';
import { vmallocMemOps } from '../src/memory/vmalloc.ts';
import { type Caller, File, MAP_SHARED, PROT_WRITE, WOULD_BLOCK } from '../src/vfs/file.ts';
import {
  SpinLock,
  type VideobufQueue,
  videobufDqbuf,
  videobufIolock,
  videobufMmapMapper,
  videobufQbuf,
  videobufQueueVmallocInit,
  videobufReqbufs,
  videobufStreamon,
  videobufVmallocFree,
  videobufWaiton,
} from '../src/videobuf/index.ts';
import { VB2_MMAP, Vb2Queue, vb2Dqbuf, vb2Qbuf, vb2Reqbufs, vb2Streamon } from '../src/videobuf2/index.ts';

const BUFFERS = 4;
const FRAME = 4096;
const ROUNDS = 25;
const PAIRS_OF_ROUND = 100_000;
const TYPE = V4L2_BUF_TYPE_VIDEO_CAPTURE;

const nowhere = (): never => {
  throw new Error('not part of the measurement');
};
const caller: Caller = {
  memory: { read: nowhere, write: nowhere, pin: nowhere },
  asleep: false,
  sleep: () => WOULD_BLOCK,
  installFd: nowhere,
  takeFd: nowhere,
  afterwards: nowhere,
};
const file = new File({} as File['device'], () => true);
const argument = v4l2_buffer.make();
const clock = new VirtualClock();

function request(): v4l2_requestbuffers {
  const req = v4l2_requestbuffers.make();
  Object.assign(req, { count: BUFFERS, type: TYPE, memory: V4L2_MEMORY_MMAP });
  return req;
}

/** As fast as a driver can be: the frame is there at once. */
function newer(): (count: number) => void {
  const queue = new Vb2Queue({
    name: 'bench',
    type: TYPE,
    isOutput: false,
    isMultiplanar: false,
    ioModes: VB2_MMAP,
    ops: {
      queueSetup(_q, setup) {
        setup.numPlanes = 1;
        setup.sizes[0] = FRAME;
      },
      bufPrepare: (vb) => vb.setPlanePayload(0, FRAME),
      bufQueue: (vb) => vb.done('DONE'),
    },
    memOps: vmallocMemOps(heapPages),
    drvPriv: undefined,
    clock,
    timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  });
  vb2Reqbufs(queue, file, request());
  vb2Streamon(queue, file, TYPE);
  return (count) => {
    for (let i = 0; i < count; i++) {
      fill(i);
      vb2Qbuf(queue, file, argument, caller);
      vb2Dqbuf(queue, file, argument, caller);
    }
  };
}

function older(): (count: number) => void {
  const queue: VideobufQueue = videobufQueueVmallocInit({
    ops: {
      bufSetup(_q, setup) {
        setup.size = FRAME;
      },
      bufPrepare(q, vb, field) {
        vb.size = FRAME;
        vb.field = field;
        if (vb.state === 'NEEDS_INIT') videobufIolock(q, vb);
        vb.state = 'PREPARED';
      },
      bufQueue(_q, vb) {
        vb.state = 'DONE';
        vb.done.wakeUp();
      },
      *bufRelease(_q, vb) {
        yield* videobufWaiton(vb, false, false);
        videobufVmallocFree(vb);
        vb.state = 'NEEDS_INIT';
      },
    },
    dev: { name: 'bench', clock, pages: heapPages },
    irqlock: new SpinLock(),
    type: TYPE,
    field: V4L2_FIELD_NONE,
    priv: undefined,
  });
  videobufReqbufs(queue, request(), caller);
  for (let i = 0; i < BUFFERS; i++)
    videobufMmapMapper(queue, { offset: i * FRAME, length: FRAME, prot: PROT_WRITE, flags: MAP_SHARED });
  videobufStreamon(queue, caller);
  return (count) => {
    for (let i = 0; i < count; i++) {
      fill(i);
      videobufQbuf(queue, argument, caller);
      videobufDqbuf(queue, argument, true, caller);
    }
  };
}

function fill(i: number): void {
  argument.index = i & (BUFFERS - 1);
  argument.type = TYPE;
  argument.memory = V4L2_MEMORY_MMAP;
}

function nanoseconds(body: (count: number) => void): number {
  const start = process.hrtime.bigint();
  body(PAIRS_OF_ROUND);
  return Number(process.hrtime.bigint() - start) / PAIRS_OF_ROUND;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number;

function bytesPerPair(body: (count: number) => void): string {
  const collect = globalThis.gc;
  if (collect === undefined) return 'not measured: node --expose-gc';
  collect();
  const before = process.memoryUsage().heapUsed;
  body(PAIRS_OF_ROUND);
  return `${((process.memoryUsage().heapUsed - before) / PAIRS_OF_ROUND).toFixed(2)} bytes`;
}

const [vb2, vb1] = [newer(), older()];
const times = Array.from({ length: ROUNDS }, () => [nanoseconds(vb2), nanoseconds(vb1)] as const);
const [two, one] = [median(times.map(([a]) => a)), median(times.map(([, b]) => b))];
console.log(`videobuf2 ${two.toFixed(0).padStart(6)} ns a pair, heap ${bytesPerPair(vb2)}`);
console.log(`videobuf  ${one.toFixed(0).padStart(6)} ns a pair, heap ${bytesPerPair(vb1)}`);
console.log(`videobuf takes ${median(times.map(([a, b]) => b / a)).toFixed(2)} times as long`);
