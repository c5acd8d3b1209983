import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EFAULT, EINTR, EINVAL, ENOTTY } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { setCurrentTask } from '../../src/base/trace.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { Recorder, TRACE_GROUPS, type TraceGroup, type TraceRecord } from '../../src/trace/index.ts';
import { ioctlEnter, ioctlExit, ioctlSleep, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import * as files from '../../src/vfs/trace.ts';
import { vb2BufferPoints, vb2QueuePoints } from '../../src/videobuf2/index.ts';

const FRAME = 100_000_000;
const TASK = { pid: 77, tid: 78, comm: 'camera', program: 'camera' };

function traced(
  context: { after(body: () => void): void },
  groups: readonly TraceGroup[],
  camera = 'skeleton',
) {
  const clock = new VirtualClock();
  const vdev = createCamera(parseCamera(camera), { clock, pages: heapPages, instance: 0 });
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program();
  const recorder = new Recorder(clock, groups);
  context.after(() => recorder.stop());
  return { clock, vdev, program, recorder, file: program.open(vdev) };
}

/** `  name` for what is inside a call, with its result. */
const outline = (records: readonly TraceRecord[]) =>
  records.map(({ inside, name, result, sleep }) =>
    [`${inside ? '  ' : ''}${name}`, result, sleep].filter((word) => word !== undefined).join(' '),
  );

test('a stream is recorded call by call, with the steps of each inside it', (context) => {
  const { clock, program, recorder, file } = traced(context, ['ioctl', 'vb2']);
  const capture = new Capture(program, file, 2);
  capture.streamon();
  assert.deepEqual(outline(recorder.take()), [
    'VIDIOC_REQBUFS 0',
    '  vb2_core_reqbufs',
    '  queue_setup',
    'VIDIOC_QUERYBUF 0',
    'VIDIOC_QUERYBUF 0',
    'VIDIOC_QBUF 0',
    '  buf_prepare',
    '  vb2_qbuf',
    'VIDIOC_QBUF 0',
    '  buf_prepare',
    '  vb2_qbuf',
    'VIDIOC_STREAMON 0',
    '  vb2_core_streamon',
    '  vb2_buf_queue',
    '  vb2_buf_queue',
    '  start_streaming',
  ]);
  clock.advance(FRAME);
  capture.qbuf(capture.dqbuf().index);
  file.close();
  assert.deepEqual(outline(recorder.take()), [
    'vb2_buf_done',
    'VIDIOC_DQBUF 0',
    '  vb2_dqbuf',
    'VIDIOC_QBUF 0',
    '  buf_prepare',
    '  vb2_qbuf',
    '  vb2_buf_queue',
    '__vb2_queue_cancel',
    'stop_streaming',
    'vb2_buf_done',
    'vb2_buf_done',
  ]);
});

test('a call that sleeps is recorded where it falls asleep and where it is answered, with all its time', (context) => {
  const { clock, program, recorder, file } = traced(context, ['ioctl', 'vb2']);
  const capture = new Capture(program, file, 2);
  capture.streamon();
  recorder.take();
  const start = clock.now();
  const thread = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  assert.deepEqual(outline(recorder.take()), ['VIDIOC_DQBUF begins']);
  clock.advance(FRAME);
  assert.equal(thread.result, 0);
  const records = recorder.take();
  assert.deepEqual(outline(records), ['vb2_buf_done', 'VIDIOC_DQBUF 0 over', '  vb2_dqbuf']);
  assert.deepEqual(
    records.map(({ time, duration }) => [time, duration]),
    [
      [start + FRAME, undefined],
      [start + FRAME, FRAME],
      [start + FRAME, undefined],
    ],
  );
});

test('a sleep that a signal ends is over, and the next call is another one', (context) => {
  const { clock, program, recorder, file } = traced(context, ['ioctl']);
  const capture = new Capture(program, file, 2);
  capture.streamon();
  recorder.take();
  const thread = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  files.interruptedPoint.tell({ caller: thread, result: -EINTR });
  thread.interrupt();
  files.interruptedPoint.tell({ caller: thread, result: -EINTR });
  assert.deepEqual(outline(recorder.take()), ['VIDIOC_DQBUF begins', `VIDIOC_DQBUF ${-EINTR} over`]);
  clock.advance(FRAME);
  file.do(abi.VIDIOC_DQBUF, capture.buffer);
  assert.deepEqual(outline(recorder.take()), ['VIDIOC_DQBUF 0']);
});

test('arguments are recorded as they came and as they went, and the time of frames', (context) => {
  const { clock, program, recorder, file } = traced(context, ['ioctl', 'vb2']);
  const capture = new Capture(program, file, 1);
  capture.streamon();
  clock.advance(FRAME);
  recorder.take();
  capture.dqbuf();
  const [call, step] = recorder.take();
  assert.equal(call?.of, 'video0');
  assert.match(
    call?.before ?? '',
    /^\{index=0, type=1, bytesused=0, .*memory=1, m=\{offset=0x0\}, length=0,/,
  );
  assert.match(
    call?.after ?? '',
    /^\{index=0, type=1, bytesused=76800, .*timestamp=\{tv_sec=1, tv_usec=100000\}/,
  );
  assert.equal(step?.of, 'skeleton');
  assert.equal(
    step?.before,
    'index=0, state=DEQUEUED, queued_count=0, owned_by_drv_count=0, bytesused=76800, sequence=0, timestamp=1100000000',
  );
});

test('the elements of an array are recorded with the argument that points to them', (context) => {
  const { program, recorder, file } = traced(context, ['ioctl'], 'vivi-mplane,size=64x48');
  const type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
  const req = program.make(abi.v4l2_requestbuffers);
  Object.assign(req, { count: 1, type, memory: abi.V4L2_MEMORY_MMAP });
  file.do(abi.VIDIOC_REQBUFS, req);
  recorder.take();
  const planes = program.alloc(2 * abi.v4l2_plane.size);
  planes.bytes.fill(0);
  const b = program.make(abi.v4l2_buffer);
  Object.assign(b, { type, memory: abi.V4L2_MEMORY_MMAP, length: 2 });
  new DataView(b.$bytes.buffer, b.$bytes.byteOffset).setBigUint64(
    abi.v4l2_buffer.offsets.m,
    BigInt(planes.address),
    true,
  );
  const result = file.ioctl(abi.VIDIOC_QUERYBUF, b);
  const [call] = recorder.take();
  assert.equal(result, 0);
  assert.match(call?.before ?? '', / \[\{bytesused=0, length=0, .*\}, \{bytesused=0, length=0, .*\}\]$/);
  assert.match(call?.after ?? '', / \[\{bytesused=0, length=[1-9]/);
});

test('what fails has its error, and hands nothing back', (context) => {
  const { program, recorder, file } = traced(context, ['ioctl']);
  assert.equal(file.ioctl(abi.VIDIOC_G_STD, program.alloc(8).address), -ENOTTY);
  const b = program.make(abi.v4l2_buffer);
  b.type = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
  assert.equal(file.ioctl(abi.VIDIOC_QUERYBUF, b), -EINVAL);
  file.ioctl(abi.VIDIOC_QUERYBUF, 0xdead0000);
  file.ioctl(0x5401, 3);
  assert.deepEqual(
    recorder.take().map(({ name, before, after, result }) => [name, before?.slice(0, 16), after, result]),
    [
      ['VIDIOC_G_STD', undefined, undefined, -ENOTTY],
      ['VIDIOC_QUERYBUF', '{index=0, type=2', undefined, -EINVAL],
      ['VIDIOC_QUERYBUF', undefined, undefined, -EFAULT],
      ['ioctl 0x5401', '0x3', undefined, -ENOTTY],
    ],
  );
});

test('each record says whose call it is part of, and between calls that it is nobody’s', (context) => {
  const { clock, program, recorder, file } = traced(context, ['ioctl', 'vb2']);
  setCurrentTask(TASK);
  const capture = new Capture(program, file, 1);
  capture.streamon();
  setCurrentTask(undefined);
  assert.ok(
    recorder.take().every(({ task }) => task?.pid === 77 && task.tid === 78 && task.comm === 'camera'),
  );
  clock.advance(FRAME);
  assert.deepEqual(
    recorder.take().map(({ name, task }) => [name, task]),
    [['vb2_buf_done', undefined]],
  );
});

test('opens, mmaps, poll changes and closes are recorded in words', (context) => {
  const { vdev, file, recorder } = traced(context, ['open', 'mmap', 'poll', 'close']);
  files.openPoint.tell({ device: vdev, flags: 0o4002, result: 3, poll: 0x9 });
  files.openPoint.tell({ device: vdev, flags: 0o200001, result: -16, poll: 0 });
  const request = { length: 4096, prot: 3, flags: 1, offset: 0x8000 };
  files.mmapPoint.tell({ file: file.file, request, result: 0 });
  files.pollPoint.tell({ file: file.file, from: 0x8, to: 0x1 });
  files.closePoint.tell({ device: vdev, fd: 3 });
  files.releasePoint.tell(file.file);
  assert.deepEqual(
    recorder.take().map(({ name, of, before, result }) => [name, of, before, result]),
    [
      ['open', 'video0', 'O_RDWR|O_NONBLOCK, poll=POLLIN|POLLERR', 3],
      ['open', 'video0', 'O_WRONLY|0x10000', -16],
      ['mmap', 'video0', 'length=4096, prot=PROT_READ|PROT_WRITE, flags=MAP_SHARED, offset=0x8000', 0],
      ['poll', 'video0', 'POLLERR → POLLIN', undefined],
      ['close', 'video0', '3', undefined],
      ['release', 'video0', '', undefined],
    ],
  );
});

test('two recorders hear the same; when both have stopped every point is off again', (context) => {
  const { clock, program, recorder, file } = traced(context, TRACE_GROUPS);
  const second = new Recorder(clock, ['vb2']);
  new Capture(program, file, 2);
  const steps = recorder.take().filter(({ group }) => group === 'vb2');
  assert.deepEqual(
    second.take().map(({ name }) => name),
    steps.map(({ name }) => name),
  );
  assert.ok(steps.length > 0);
  const points = [
    ...[ioctlEnter, ioctlSleep, ioctlExit, files.openPoint, files.mmapPoint, files.pollPoint],
    ...[files.closePoint, files.releasePoint, files.interruptedPoint, ...vb2BufferPoints, ...vb2QueuePoints],
  ];
  assert.ok(points.every(({ enabled }) => enabled));
  recorder.stop();
  second.stop();
  assert.deepEqual(
    points.filter(({ enabled }) => enabled).map(({ name }) => name),
    [],
  );
});
