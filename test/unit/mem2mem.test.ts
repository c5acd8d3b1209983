/** The scheduler of mem2mem devices, with a driver that does nothing but what each test says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import {
  captureMemOps,
  m2mCtxOf,
  V4l2M2mCtx,
  V4l2M2mDev,
  type V4l2M2mOps,
  VideoDevice,
  VideoDeviceRegistry,
  v4l2M2mFops,
  v4l2M2mIoctlOps,
} from '../../src/v4l2-core/index.ts';
import { VB2_MMAP, type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../src/videobuf2/index.ts';
import { bugsIn, withoutBugs } from '../support/driver-bugs.ts';
import { Stream } from '../support/streams.ts';

const OUTPUT = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;

/** A context of the driver; its name tells it from others in the log. */
interface Context {
  readonly name: string;
  ctx: V4l2M2mCtx<Context> | undefined;
}

const queueOps: Vb2Ops<Context> = {
  queueSetup(_q, setup) {
    setup.numPlanes = 1;
    setup.sizes[0] = 64;
  },
  bufQueue: (vb) => vb.queue.drvPriv.ctx?.bufQueue(vb),
  stopStreaming: (q) => q.drvPriv.ctx?.returnBufs(q),
};

/** A device whose jobs go as `ops` says, and the programs that have it open. */
function device(ops: Partial<V4l2M2mOps<Context>> = {}) {
  const log: string[] = [];
  const clock = new VirtualClock();
  const memOps = vmallocMemOps(heapPages) as Vb2MemOps;
  const dev = new V4l2M2mDev<Context>({
    deviceRun: ({ name }) => log.push(name),
    jobAbort: ({ ctx }) => dev.jobFinish(ctx as V4l2M2mCtx<Context>),
    ...ops,
  });
  const queue = (priv: Context, type: number, mem: Vb2MemOps) =>
    new Vb2Queue<Context>({
      name: priv.name,
      type,
      isOutput: type === OUTPUT,
      isMultiplanar: false,
      ioModes: VB2_MMAP,
      ops: queueOps,
      memOps: mem,
      drvPriv: priv,
      clock,
      timestampFlags: abi.V4L2_BUF_FLAG_TIMESTAMP_COPY,
    });
  let opened = 0;
  const vdev = new VideoDevice({
    name: 'test-m2m',
    deviceCaps: abi.V4L2_CAP_VIDEO_M2M | abi.V4L2_CAP_STREAMING,
    ioctlOps: {
      ...v4l2M2mIoctlOps,
      vidioc_querycap: () => {},
      vidioc_g_fmt_vid_cap: () => {},
      vidioc_g_fmt_vid_out: () => {},
    },
    fops: {
      ...v4l2M2mFops,
      open(fh) {
        const priv: Context = { name: 'abc'[opened++] ?? '?', ctx: undefined };
        const src = queue(priv, OUTPUT, memOps);
        priv.ctx = new V4l2M2mCtx({ dev, fh, priv, src, dst: queue(priv, CAPTURE, captureMemOps(memOps)) });
      },
      release: (fh) => m2mCtxOf(fh)?.release(),
    },
    drvdata: undefined,
  });
  const registry = new VideoDeviceRegistry(clock);
  registry.register(vdev);
  const program = new Program();
  /** Opens the device and queues `frames` on both sides; jobs are possible from now on. */
  const start = (frames: number) => {
    const file = program.open(vdev);
    const out = new Stream(program, file, OUTPUT).allocate(frames).queueAll();
    const cap = new Stream(program, file, CAPTURE).allocate(frames).queueAll();
    out.streamon();
    cap.streamon();
    return { file, out, cap };
  };
  /** The device has finished the job that it works on. */
  const finish = () => {
    const ctx = dev.currPriv?.ctx;
    assert.ok(ctx !== undefined, 'a job is running');
    dev.bufDoneAndJobFinish(ctx, 'DONE');
  };
  return { dev, log, start, finish, unplug: () => registry.unregister(vdev) };
}

test('V4l2M2mDev gives contexts their turn one job at a time', () => {
  const { log, start, finish } = device();
  start(3);
  start(2);
  start(1);
  assert.deepEqual(log, ['a']);
  for (let n = 0; n < 5; n++) finish();
  assert.deepEqual(log.join(''), 'abcaba');
});

test('V4l2M2mDev finishes a job within deviceRun without running the next one inside it', () => {
  let depth = 0;
  let deepest = 0;
  const { dev, start } = device({
    deviceRun({ ctx }) {
      deepest = Math.max(deepest, ++depth);
      dev.bufDoneAndJobFinish(ctx as V4l2M2mCtx<Context>, 'DONE');
      depth--;
    },
  });
  const { cap } = start(8);
  for (let n = 0; n < 8; n++) assert.equal(cap.dequeue().index, n);
  assert.equal(deepest, 1);
});

test('V4l2M2mDev asks jobReady and begins no job while it says no', () => {
  let ready = false;
  const { dev, log, start } = device({ jobReady: () => ready });
  const { out, cap } = start(2);
  assert.deepEqual(log, []);
  ready = true;
  const ctx = m2mCtxOf<Context>(out.file.file.privateData as never);
  assert.ok(ctx !== undefined && cap.file === out.file);
  dev.trySchedule(ctx);
  assert.deepEqual(log, ['a']);
});

test('V4l2M2mDev begins no job between suspend and resume', () => {
  const { dev, log, start, finish } = device();
  start(2);
  dev.suspend();
  finish();
  assert.deepEqual(log, ['a']);
  dev.resume();
  assert.deepEqual(log, ['a', 'a']);
});

test('V4l2M2mDev takes a job back that has not begun when its context stops', () => {
  const { log, start, finish } = device();
  start(1);
  const second = start(1);
  const third = start(1);
  second.cap.streamoff();
  finish();
  assert.deepEqual(log, ['a', 'c']);
  third.file.close();
  second.cap.queueAll();
  second.cap.streamon();
  assert.deepEqual(log, ['a', 'c', 'b']);
});

test('V4l2M2mDev reports a jobAbort that does not end the job, and ends it', () => {
  const { log, start } = device({ jobAbort: () => {} });
  const first = start(1);
  start(1);
  const bugs = bugsIn(() => first.file.close());
  assert.equal(bugs.length, 1);
  assert.match(bugs[0] ?? '', /jobAbort did not end the job/);
  assert.deepEqual(log, ['a', 'b']);
});

test('V4l2M2mDev reports a deviceRun that throws, and gives the buffers back as bad', () => {
  const { start } = device({
    deviceRun() {
      throw new Error('the device is on fire');
    },
  });
  let flags = 0;
  const bugs = bugsIn(() => {
    flags = start(1).cap.dequeue().flags;
  });
  assert.match(bugs.join(), /deviceRun threw.*on fire/);
  assert.equal(flags & abi.V4L2_BUF_FLAG_ERROR, abi.V4L2_BUF_FLAG_ERROR);
});

test('V4l2M2mDev ends the job, by jobAbort, when the device goes while its driver holds buffers', () => {
  const taken: Vb2Buffer<Context>[] = [];
  let aborted = 0;
  const { dev, start, unplug } = device({
    deviceRun({ ctx }) {
      for (const vb of [ctx?.srcBufRemove(), ctx?.dstBufRemove()]) if (vb !== undefined) taken.push(vb);
    },
    jobAbort({ ctx }) {
      aborted++;
      for (const vb of taken.splice(0)) vb.done('ERROR');
      dev.jobFinish(ctx as V4l2M2mCtx<Context>);
    },
  });
  const { file } = start(1);
  assert.equal(taken.length, 2);
  withoutBugs(unplug);
  assert.equal(aborted, 1);
  assert.equal(dev.currPriv, undefined);
  withoutBugs(() => file.close());
});

test('V4l2M2mDev reports a jobReady that throws, and begins no job', () => {
  const { log, start } = device({
    jobReady() {
      throw new Error('who knows');
    },
  });
  const bugs = bugsIn(() => start(1));
  assert.match(bugs.join(), /jobReady threw.*who knows/);
  assert.deepEqual(log, []);
});

test('V4l2M2mDev reports a jobAbort that throws, and ends the job', () => {
  const { dev, start } = device({
    jobAbort() {
      throw new Error('stuck');
    },
  });
  const { cap } = start(1);
  const bugs = bugsIn(() => cap.streamoff());
  assert.match(bugs.join(), /jobAbort threw.*stuck/);
  assert.equal(dev.currPriv, undefined);
});

test('V4l2M2mDev reports a jobFinish for a context whose job does not run', () => {
  const { dev, start } = device();
  start(1);
  const { file } = start(1);
  const idle = m2mCtxOf<Context>(file.file.privateData as never);
  assert.ok(idle !== undefined);
  const bugs = bugsIn(() => dev.jobFinish(idle));
  assert.match(bugs.join(), /another context \(or none\) has the job/);
  assert.equal(dev.currPriv?.name, 'a');
});
