/** Every error that a program can get when it asks for memory, and which one comes first when there are two reasons. */
import { describe, it } from 'node:test';
import {
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  type v4l2_buffer,
  v4l2_create_buffers,
  v4l2_exportbuffer,
  type v4l2_plane,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EBUSY, EINVAL, ENOBUFS, ENOMEM, Errno } from '../../src/base/errno.ts';
import { pageAlign } from '../../src/memory/page-size.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../../src/vfs/file.ts';
import { mmapCookie } from '../../src/videobuf2/core/cookies.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import {
  VB2_MMAP,
  VB2_USERPTR,
  vb2CreateBufs,
  vb2Expbuf,
  vb2Mmap,
  vb2Qbuf,
  vb2Querybuf,
  vb2RemoveBufs,
  vb2Reqbufs,
} from '../../src/videobuf2/index.ts';
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

function reqbufs(bench: Bench, change: View = {}, file: TestFile = bench.file): void {
  const req = v4l2_requestbuffers.make();
  Object.assign(req, { count: 2, type: bench.type, memory: V4L2_MEMORY_MMAP }, change);
  vb2Reqbufs(bench.q, file, req);
}

function createBufs(bench: Bench, change: View = {}, sizeimage = FRAME, file: TestFile = bench.file): void {
  const create = v4l2_create_buffers.make();
  Object.assign(create, { count: 2, memory: V4L2_MEMORY_MMAP }, change);
  create.format.type = bench.type;
  create.format.fmt.pix.sizeimage = sizeimage;
  vb2CreateBufs(bench.q, file, create);
}

function buffer(bench: Bench, change: View): v4l2_buffer {
  return Object.assign(bench.buf(0), change);
}

function qbuf(bench: Bench, change: View = {}, file: TestFile = bench.file, planes?: v4l2_plane[]): void {
  vb2Qbuf(bench.q, file, buffer(bench, change), bench.caller, planes);
}

function removeBufs(bench: Bench, change: View, file: TestFile = bench.file): void {
  vb2RemoveBufs(
    bench.q,
    file,
    Object.assign(v4l2_remove_buffers.make(), { type: bench.type, count: 1 }, change),
  );
}

function expbuf(bench: Bench, change: View = {}, file: TestFile = bench.file): void {
  const exp = Object.assign(v4l2_exportbuffer.make(), { type: bench.type }, change);
  vb2Expbuf(bench.q, file, exp, bench.caller);
}

function mmap(bench: Bench, change: View = {}): void {
  vb2Mmap(bench.q, { offset: 0, length: FRAME, prot: PROT_READ, flags: MAP_SHARED, ...change });
}

function exporting(): Bench {
  return allocated(1, { memOps: { getDmabuf: () => 3 } });
}

type Row = readonly [when: string, code: number, body: () => void];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  REQBUFS: [
    ['there is no such memory', EINVAL, () => reqbufs(new Bench(), { memory: 0 })],
    ['the memory is OVERLAY', EINVAL, () => reqbufs(new Bench(), { memory: V4L2_MEMORY_OVERLAY })],
    ['the type is another', EINVAL, () => reqbufs(new Bench(), { type: 2 })],
    ['the queue has no USERPTR', EINVAL, () => reqbufs(new Bench(), { memory: V4L2_MEMORY_USERPTR })],
    ['the queue has no DMABUF', EINVAL, () => reqbufs(new Bench(), { memory: V4L2_MEMORY_DMABUF })],
    [
      'the memory back end lacks what USERPTR needs',
      EINVAL,
      () => {
        const bench = new Bench({ memory: V4L2_MEMORY_USERPTR, memOps: { getUserptr: undefined as never } });
        reqbufs(bench, { memory: V4L2_MEMORY_USERPTR });
      },
    ],
    ['read() is active', EBUSY, () => reqbufs(fileio(new Bench()))],
    ['read() is active and the type is another', EINVAL, () => reqbufs(fileio(new Bench()), { type: 2 })],
    ['another file owns the queue', EBUSY, () => reqbufs(allocated(), {}, other)],
    ['another file owns the queue and count is 0', EBUSY, () => reqbufs(allocated(), { count: 0 }, other)],
    [
      'another file owns the queue and the type is another',
      EINVAL,
      () => reqbufs(allocated(), { type: 2 }, other),
    ],
    ['streaming is on', EBUSY, () => reqbufs(queueStreaming(1))],
    ['streaming is on and count is 0', EBUSY, () => reqbufs(queueStreaming(1), { count: 0 })],
    ['a thread sleeps in DQBUF', EBUSY, () => reqbufs(stoppedUnderWaiter())],
    [
      'no memory is left',
      ENOMEM,
      () =>
        reqbufs(
          new Bench({
            memOps: {
              alloc: () => {
                throw new Errno(ENOMEM);
              },
            },
          }),
        ),
    ],
  ],
  CREATE_BUFS: [
    [
      'the type is another',
      EINVAL,
      () => {
        const b = new Bench();
        createBufs(Object.assign(b, { type: 2 }));
      },
    ],
    ['there is no such memory', EINVAL, () => createBufs(new Bench(), { memory: 9 })],
    [
      'there is no such memory and count is 0',
      EINVAL,
      () => createBufs(new Bench(), { memory: 9, count: 0 }),
    ],
    ['read() is active', EBUSY, () => createBufs(fileio(new Bench()))],
    ['another file owns the queue', EBUSY, () => createBufs(allocated(), {}, FRAME, other)],
    ['another file owns the queue and the size is 0', EBUSY, () => createBufs(allocated(), {}, 0, other)],
    ['the queue is full', ENOBUFS, () => createBufs(allocated(4, { config: { maxNumBuffers: 4 } }))],
    [
      'a thread sleeps in DQBUF and there are no buffers',
      EBUSY,
      () => {
        const bench = stoppedUnderWaiter();
        bench.reqbufs(0);
        createBufs(bench);
      },
    ],
    [
      'the buffers have other memory',
      EINVAL,
      () => {
        const userptr = { getUserptr: () => ({}), putUserptr: () => {} };
        const bench = allocated(1, { config: { ioModes: VB2_MMAP | VB2_USERPTR }, memOps: userptr });
        createBufs(bench, { memory: V4L2_MEMORY_USERPTR });
      },
    ],
    ['the size is 0', EINVAL, () => createBufs(new Bench(), {}, 0)],
    ['the driver finds the size too small', EINVAL, () => createBufs(new Bench(), {}, FRAME / 2)],
    ['the format has no planes', EINVAL, () => createBufs(new Bench({ sizes: [10] }), {}, 0)],
  ],
  REMOVE_BUFS: [
    ['the type is another', EINVAL, () => removeBufs(allocated(), { type: 2, count: 0 })],
    ['another file owns the queue', EBUSY, () => removeBufs(allocated(), {}, other)],
    ['read() is active', EBUSY, () => removeBufs(fileio(allocated()), {})],
    ['there are fewer buffers', EINVAL, () => removeBufs(allocated(2), { count: 3 })],
    [
      'the range reaches beyond the last buffer',
      EINVAL,
      () => removeBufs(allocated(2), { index: 1, count: 2 }),
    ],
    ['the start overflows', EINVAL, () => removeBufs(allocated(2), { index: 0xffff_ffff })],
    [
      'the range has a hole',
      EINVAL,
      () => {
        const bench = allocated(3);
        bench.remove(1, 1);
        removeBufs(bench, { index: 0, count: 2 });
      },
    ],
    ['a buffer is queued', EBUSY, () => removeBufs(bufferIn('QUEUED'), {})],
  ],
  QUERYBUF: [
    [
      'the type is another',
      EINVAL,
      () => {
        const b = allocated();
        vb2Querybuf(b.q, b.file, buffer(b, { type: 2 }));
      },
    ],
    ['the index is the count', EINVAL, () => allocated(2).querybuf(2)],
    ['nothing is allocated', EINVAL, () => new Bench().querybuf(0)],
    ['a plane array is missing', EINVAL, () => allocated(1, { sizes: [9, 9] }).querybuf(0)],
  ],
  EXPBUF: [
    ['another file owns the queue', EBUSY, () => expbuf(exporting(), { type: 2 }, other)],
    ['nothing is allocated', EINVAL, () => expbuf(new Bench())],
    ['the memory back end cannot export', EINVAL, () => expbuf(allocated())],
    ['an unknown flag is set', EINVAL, () => expbuf(exporting(), { flags: 4 })],
    ['the type is another', EINVAL, () => expbuf(exporting(), { type: 2 })],
    ['there is no such index', EINVAL, () => expbuf(exporting(), { index: 1 })],
    ['there is no such plane', EINVAL, () => expbuf(exporting(), { plane: 1 })],
    ['read() is active', EBUSY, () => expbuf(fileio(exporting()))],
    ['read() is active and there is no such plane', EINVAL, () => expbuf(fileio(exporting()), { plane: 1 })],
  ],
  mmap: [
    ['it is not MAP_SHARED', EINVAL, () => mmap(allocated(), { flags: 2 })],
    ['a capture buffer is not readable', EINVAL, () => mmap(allocated(), { prot: PROT_WRITE })],
    [
      'an output buffer is not writable',
      EINVAL,
      () => mmap(allocated(1, { output: true }), { prot: PROT_READ }),
    ],
    ['nothing is allocated', EINVAL, () => mmap(new Bench())],
    ['read() is active', EBUSY, () => mmap(fileio(allocated()), { offset: 1 })],
    ['the offset is no plane', EINVAL, () => mmap(allocated(), { offset: mmapCookie(0, 1) })],
    ['the offset is inside a page', EINVAL, () => mmap(allocated(), { offset: 0xbeef })],
    ['the offset is far out', EINVAL, () => mmap(allocated(), { offset: 0xffff_f000 })],
    ['the length is beyond the last page', EINVAL, () => mmap(allocated(), { length: pageAlign(FRAME) + 1 })],
  ],
};

for (const [operation, rows] of Object.entries(ROWS)) {
  describe(operation, () => {
    for (const [when, code, body] of rows) {
      it(`fails when ${when}`, () => fails(code, body, `${operation} when ${when}`));
    }
  });
}

describe('what is not an error', () => {
  const rows: readonly (readonly [string, () => void])[] = [
    ['STREAMON twice', () => queueStreaming(1).streamon()],
    ['STREAMOFF while idle', () => new Bench().streamoff()],
    ['STREAMON with buffers and none queued', () => allocated().streamon()],
    ['REQBUFS(0) of nothing', () => reqbufs(new Bench(), { count: 0 })],
    ['REQBUFS while queued', () => reqbufs(bufferIn('QUEUED'))],
    ['REQBUFS(0) while a thread sleeps in DQBUF', () => reqbufs(stoppedUnderWaiter(), { count: 0 })],
    ['CREATE_BUFS(0) while read() is active', () => createBufs(fileio(new Bench()), { count: 0 })],
    ['CREATE_BUFS(0) of a queue of another file', () => createBufs(allocated(), { count: 0 }, 0, other)],
    ['CREATE_BUFS while streaming', () => createBufs(queueStreaming(1))],
    ['REMOVE_BUFS(0) anywhere', () => removeBufs(new Bench(), { index: 0xffff_ffff, count: 0 }, other)],
    [
      'QUERYBUF by another file',
      () => {
        const b = allocated();
        vb2Querybuf(b.q, other, b.buf(1));
      },
    ],
    ['mmap of a whole page beyond the length', () => mmap(allocated(), { length: pageAlign(FRAME) })],
    ['mmap of the second buffer', () => mmap(allocated(), { offset: mmapCookie(1, 0) })],
    ['EXPBUF with O_RDWR | O_CLOEXEC', () => expbuf(exporting(), { flags: 0o2000002 })],
    [
      'QBUF of a prepared output buffer with a wrong length',
      () => {
        const bench = allocated(1, { output: true });
        bench.prepare();
        qbuf(bench, { bytesused: FRAME * 2 });
      },
    ],
  ];
  for (const [what, body] of rows) it(`${what} succeeds`, body);
});
