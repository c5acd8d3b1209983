/** Every error that a program can get while it streams, and which one comes first when there are two reasons. */
import { describe, it } from 'node:test';
import {
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_REQUEST_FD,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_FIELD_ALTERNATE,
  V4L2_MEMORY_USERPTR,
  type v4l2_buffer,
  v4l2_plane,
} from '../../src/abi/index.ts';
import { EAGAIN, EBADR, EBUSY, EINVAL, EIO, EPIPE } from '../../src/base/errno.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import { vb2Dqbuf, vb2PrepareBuf, vb2Qbuf, vb2Streamoff, vb2Streamon } from '../../src/videobuf2/index.ts';
import {
  Bench,
  type BenchOptions,
  bufferIn,
  FRAME,
  fails,
  queueStreaming,
  TestCaller,
  TestFile,
} from '../support/vb2-fixture.ts';

type View = { [field: string]: unknown };

function allocated(count = 2, options: BenchOptions = {}): Bench {
  const bench = new Bench(options);
  bench.reqbufs(count);
  return bench;
}

function failed(bench: Bench): Bench {
  bench.q.error();
  return bench;
}

function fileio(bench: Bench): Bench {
  bench.q[STATE].fileioActive = true;
  return bench;
}

/** A stream with a thread asleep in DQBUF, stopped before that thread has run again. */
function stoppedUnderWaiter(): Bench {
  const bench = new Bench();
  bench.reqbufs(1);
  bench.streamon();
  bench.blockIn(new TestCaller());
  bench.streamoff();
  return bench;
}

const other = new TestFile();

function buffer(bench: Bench, change: View): v4l2_buffer {
  return Object.assign(bench.buf(0), change);
}

function qbuf(bench: Bench, change: View = {}, file: TestFile = bench.file, planes?: v4l2_plane[]): void {
  vb2Qbuf(bench.q, file, buffer(bench, change), bench.caller, planes);
}

function prepareBuf(bench: Bench, change: View = {}, file: TestFile = bench.file): void {
  vb2PrepareBuf(bench.q, file, buffer(bench, change), bench.caller);
}

function dqbuf(bench: Bench, change: View = {}, file: TestFile = bench.file): void {
  vb2Dqbuf(bench.q, file, buffer(bench, change), new TestCaller());
}

function lastFrameTaken(): Bench {
  const bench = queueStreaming(2);
  bench.vb(0).flags |= V4L2_BUF_FLAG_LAST;
  bench.device.complete();
  bench.dqbuf();
  return bench;
}

function nonblocking(bench: Bench): Bench {
  bench.file.nonblocking = true;
  return bench;
}

type Row = readonly [when: string, code: number, body: () => void];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  PREPARE_BUF: [
    ['another file owns the queue', EBUSY, () => prepareBuf(allocated(), {}, other)],
    ['read() is active', EBUSY, () => prepareBuf(fileio(allocated()))],
    ['a request is named', EINVAL, () => prepareBuf(allocated(), { flags: V4L2_BUF_FLAG_REQUEST_FD })],
    ['the type is another', EINVAL, () => prepareBuf(allocated(), { type: 2 })],
    ['there is no such index', EINVAL, () => prepareBuf(allocated(), { index: 34 })],
    ['the memory is another', EINVAL, () => prepareBuf(allocated(), { memory: V4L2_MEMORY_USERPTR })],
    [
      'it is prepared',
      EINVAL,
      () => {
        const b = allocated();
        b.prepare();
        prepareBuf(b);
      },
    ],
    ['it is queued', EINVAL, () => prepareBuf(bufferIn('QUEUED'))],
    ['the queue has failed', EIO, () => prepareBuf(failed(allocated()))],
    ['the queue has failed and it is queued', EINVAL, () => prepareBuf(failed(bufferIn('ACTIVE')))],
  ],
  QBUF: [
    ['another file owns the queue', EBUSY, () => qbuf(allocated(), { type: 2 }, other)],
    ['read() is active', EBUSY, () => qbuf(fileio(allocated()), { type: 2 })],
    ['the type is another', EINVAL, () => qbuf(allocated(), { type: 2 })],
    ['there is no such index', EINVAL, () => qbuf(allocated(2), { index: 2 })],
    ['the memory is another', EINVAL, () => qbuf(allocated(), { memory: V4L2_MEMORY_USERPTR })],
    ['the plane array is missing', EINVAL, () => qbuf(allocated(1, { sizes: [9, 9] }), { length: 2 })],
    [
      'the plane array is too short',
      EINVAL,
      () => qbuf(allocated(1, { sizes: [9, 9] }), { length: 1 }, undefined, [v4l2_plane.make()]),
    ],
    [
      'the plane array is too long',
      EINVAL,
      () => qbuf(allocated(1, { sizes: [9] }), { length: 9 }, undefined, [v4l2_plane.make()]),
    ],
    ['a request is named', EBADR, () => qbuf(allocated(), { flags: V4L2_BUF_FLAG_REQUEST_FD })],
    [
      'a request is named and it is queued',
      EINVAL,
      () => qbuf(bufferIn('QUEUED'), { flags: V4L2_BUF_FLAG_REQUEST_FD }),
    ],
    [
      'a request is named and the queue has failed',
      EBADR,
      () => qbuf(failed(allocated()), { flags: V4L2_BUF_FLAG_REQUEST_FD }),
    ],
    [
      'output is ALTERNATE',
      EINVAL,
      () => qbuf(allocated(1, { output: true }), { field: V4L2_FIELD_ALTERNATE }),
    ],
    [
      'output is longer than the plane',
      EINVAL,
      () => qbuf(allocated(1, { output: true }), { bytesused: FRAME + 1 }),
    ],
    [
      'output is longer than the plane and the queue has failed',
      EINVAL,
      () => qbuf(failed(allocated(1, { output: true })), { bytesused: FRAME + 1 }),
    ],
    ['the queue has failed', EIO, () => qbuf(failed(allocated()))],
    ['the queue has failed and it is queued', EIO, () => qbuf(failed(bufferIn('ACTIVE')))],
    ['it is QUEUED', EINVAL, () => qbuf(bufferIn('QUEUED'))],
    ['it is ACTIVE', EINVAL, () => qbuf(bufferIn('ACTIVE'))],
    ['it is DONE', EINVAL, () => qbuf(bufferIn('DONE'))],
  ],
  DQBUF: [
    ['another file owns the queue', EBUSY, () => dqbuf(bufferIn('DONE'), { type: 2 }, other)],
    ['read() is active', EBUSY, () => dqbuf(fileio(bufferIn('DONE')), { type: 2 })],
    ['the type is another', EINVAL, () => dqbuf(bufferIn('DONE'), { type: 2 })],
    [
      'another thread sleeps in DQBUF',
      EBUSY,
      () => {
        const bench = queueStreaming(1);
        bench.blockIn(new TestCaller());
        dqbuf(bench);
      },
    ],
    ['another thread sleeps in DQBUF and streaming is off', EBUSY, () => dqbuf(stoppedUnderWaiter())],
    ['streaming is off', EINVAL, () => dqbuf(allocated())],
    ['streaming is off and O_NONBLOCK is set', EINVAL, () => dqbuf(nonblocking(allocated()))],
    ['the queue has failed', EIO, () => dqbuf(failed(bufferIn('DONE')))],
    ['the last buffer is gone', EPIPE, () => dqbuf(lastFrameTaken())],
    ['the last buffer is gone and O_NONBLOCK is set', EPIPE, () => dqbuf(nonblocking(lastFrameTaken()))],
    ['nothing is done and O_NONBLOCK is set', EAGAIN, () => dqbuf(nonblocking(queueStreaming(1)))],
    [
      'the plane array is missing',
      EINVAL,
      () => {
        const bench = allocated(1, { sizes: [FRAME, 9] });
        const planes = [v4l2_plane.make(), v4l2_plane.make()];
        qbuf(bench, { length: 2 }, undefined, planes);
        bench.streamon();
        bench.device.complete();
        dqbuf(bench);
      },
    ],
  ],
  STREAMON: [
    [
      'another file owns the queue',
      EBUSY,
      () => {
        const b = allocated();
        vb2Streamon(b.q, other, b.type);
      },
    ],
    ['read() is active', EBUSY, () => fileio(allocated()).streamon()],
    [
      'the type is another',
      EINVAL,
      () => {
        const b = allocated();
        vb2Streamon(b.q, b.file, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
      },
    ],
    ['nothing is allocated', EINVAL, () => new Bench().streamon()],
    [
      'there are fewer buffers than the driver needs',
      EINVAL,
      () => {
        const bench = new Bench({ config: { minQueuedBuffers: 3 } });
        bench.create(2);
        bench.streamon();
      },
    ],
  ],
  STREAMOFF: [
    [
      'another file owns the queue',
      EBUSY,
      () => {
        const b = allocated();
        vb2Streamoff(b.q, other, b.type);
      },
    ],
    ['read() is active', EBUSY, () => fileio(allocated()).streamoff()],
    [
      'the type is another',
      EINVAL,
      () => {
        const b = allocated();
        vb2Streamoff(b.q, b.file, 2);
      },
    ],
  ],
};

for (const [operation, rows] of Object.entries(ROWS)) {
  describe(operation, () => {
    for (const [when, code, body] of rows) {
      it(`fails when ${when}`, () => fails(code, body, `${operation} when ${when}`));
    }
  });
}
