/** What differs between kinds of queues: output, several planes, metadata, caches. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_NO_CACHE_CLEAN,
  V4L2_BUF_FLAG_NO_CACHE_INVALIDATE,
  V4L2_BUF_FLAG_TIMECODE,
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_TYPE_META_CAPTURE,
  V4L2_FIELD_TOP,
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_FLAG_NON_COHERENT,
  V4L2_MEMORY_MMAP,
  type v4l2_buffer,
  v4l2_create_buffers,
  v4l2_plane,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EINVAL } from '../../src/base/errno.ts';
import { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { mmapCookie } from '../../src/videobuf2/core/cookies.ts';
import {
  VB2_DMABUF,
  VB2_MMAP,
  VB2_READ,
  VB2_USERPTR,
  vb2CreateBufs,
  vb2Dqbuf,
  vb2PrepareBuf,
  vb2Qbuf,
  vb2Querybuf,
  vb2Reqbufs,
} from '../../src/videobuf2/index.ts';
import { Bench, type BenchOptions, bufferIn, FRAME, fails, withoutBugs } from '../support/vb2-fixture.ts';

function output(options: BenchOptions = {}): Bench {
  const bench = new Bench({ output: true, ...options });
  bench.reqbufs(2);
  return bench;
}

function qbuf(bench: Bench, change: object = {}, planes?: v4l2_plane[]): v4l2_buffer {
  const b = Object.assign(bench.buf(0), change);
  vb2Qbuf(bench.q, bench.file, b, bench.caller, planes);
  return b;
}

describe('an output queue', () => {
  it('takes what the program says of the frame: bytesused, field, flags', () => {
    const bench = output();
    qbuf(bench, { bytesused: 77, field: V4L2_FIELD_TOP, flags: V4L2_BUF_FLAG_KEYFRAME });
    const vb = bench.vb(0);
    assert.deepEqual([vb.planePayload(0), vb.field], [77, V4L2_FIELD_TOP]);
    assert.notEqual(vb.flags & V4L2_BUF_FLAG_KEYFRAME, 0);
  });

  it('takes bytesused 0 for the whole plane, as old programs mean it', () => {
    const bench = output();
    assert.equal(qbuf(bench).bytesused, FRAME);
  });

  it('takes bytesused 0 as it is when the driver allows that', () => {
    const bench = output({ config: { allowZeroBytesused: true } });
    assert.equal(qbuf(bench).bytesused, 0);
  });

  it('copies timestamp and timecode to the driver when its frames keep theirs', () => {
    const bench = output({ config: { timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY } });
    const b = bench.buf(0);
    b.timestamp.tv_sec = 12;
    b.timestamp.tv_usec = 345;
    b.flags = V4L2_BUF_FLAG_TIMECODE;
    b.timecode.minutes = 59;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(bench.vb(0).timestamp, 12_000_345_000);
    bench.streamon();
    bench.device.complete();
    const done = bench.dqbuf();
    assert.deepEqual([done.timestamp.tv_sec, done.timestamp.tv_usec, done.timecode.minutes], [12, 345, 59]);
  });

  for (const [seconds, microseconds] of [
    [1_763_648_683, 15_838],
    [1_763_648_683, 999_999],
    [1_763_648_684, 1],
    [0xffff_ffff, 999_999],
    [-5, 3],
  ] as const) {
    it(`gives back ${seconds} s and ${microseconds} µs to the microsecond`, () => {
      const bench = output({ config: { timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY } });
      const b = bench.buf(0);
      b.timestamp.tv_sec = seconds;
      b.timestamp.tv_usec = microseconds;
      vb2Qbuf(bench.q, bench.file, b, bench.caller);
      bench.streamon();
      bench.device.complete();
      const done = bench.dqbuf();
      assert.deepEqual([done.timestamp.tv_sec, done.timestamp.tv_usec], [seconds, microseconds]);
    });
  }

  it('counts microseconds that make whole seconds as seconds', () => {
    const bench = output({ config: { timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY } });
    const b = bench.buf(0);
    b.timestamp.tv_sec = 7;
    b.timestamp.tv_usec = 2_000_003;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.deepEqual([b.timestamp.tv_sec, b.timestamp.tv_usec], [9, 3]);
    assert.equal(bench.vb(0).timestamp, 9_000_003_000);
  });

  it('takes a new timestamp with the QBUF of a prepared buffer', () => {
    const bench = output({ config: { timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY } });
    bench.prepare();
    const b = bench.buf(0);
    b.timestamp.tv_sec = 5;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(bench.vb(0).timestamp, 5e9);
  });

  it('asks bufOutValidate before anything else of the driver', () => {
    const calls: string[] = [];
    const bench = output({
      ops: {
        bufOutValidate: () => void calls.push('bufOutValidate'),
        bufPrepare: () => void calls.push('bufPrepare'),
      },
    });
    qbuf(bench);
    assert.deepEqual(calls, ['bufOutValidate', 'bufPrepare']);
  });
});

function planesOf(...fields: object[]): v4l2_plane[] {
  return fields.map((change) => Object.assign(v4l2_plane.make(), change));
}

describe('a multi-planar queue', () => {
  const eight = [10, 20, 30, 40, 50, 60, 70, 80];

  it('has up to eight planes, each with a place of its own', () => {
    const bench = new Bench({ sizes: eight });
    bench.reqbufs(2);
    const planes = planesOf(...eight.map(() => ({})));
    const b = Object.assign(bench.buf(1), { length: 8 });
    vb2Querybuf(bench.q, bench.file, b, planes);
    assert.deepEqual(
      planes.map(({ length }) => length),
      eight,
    );
    assert.deepEqual(
      planes.map(({ m }) => m.mem_offset),
      eight.map((_, n) => mmapCookie(1, n)),
    );
    assert.deepEqual([b.length, b.bytesused], [8, 0]);
  });

  it('takes bytesused and data_offset of each plane of an output buffer', () => {
    const bench = new Bench({ output: true, sizes: [100, 100] });
    bench.reqbufs(1);
    qbuf(bench, { length: 2 }, planesOf({ bytesused: 90, data_offset: 16 }, { bytesused: 0 }));
    const { planes } = bench.vb(0);
    assert.deepEqual(
      planes.map(({ bytesused, dataOffset }) => [bytesused, dataOffset]),
      [
        [90, 16],
        [100, 0],
      ],
    );
  });

  for (const [what, plane] of [
    ['bytesused is beyond the plane', { bytesused: 101 }],
    ['data_offset is at the end of the data', { bytesused: 50, data_offset: 50 }],
    ['data_offset is at the end of a plane that is all data', { data_offset: 100 }],
  ] as const) {
    it(`refuses an output buffer when ${what}`, () => {
      const bench = new Bench({ output: true, sizes: [100, 100] });
      bench.reqbufs(1);
      fails(EINVAL, () => qbuf(bench, { length: 2 }, planesOf({}, plane)));
    });
  }

  it('gives the payload and data_offset that the driver set with a captured frame', () => {
    const bench = new Bench({ sizes: [FRAME, 100] });
    bench.reqbufs(1);
    const planes = planesOf({ bytesused: 3, data_offset: 2 }, {});
    qbuf(bench, { length: 2 }, planes);
    assert.equal(planes[0]?.bytesused, 0);
    bench.streamon();
    bench.vb(0).setPlanePayload(1, 60);
    bench.device.complete();
    const b = Object.assign(bench.buf(0), { length: 2 });
    vb2Dqbuf(bench.q, bench.file, b, bench.caller, planes);
    assert.deepEqual(
      planes.map(({ bytesused }) => bytesused),
      [FRAME, 60],
    );
  });

  it('imports each plane from a descriptor of its own', () => {
    const dmabufs = new HeapDmabufs();
    const bench = new Bench({ dmabufs, sizes: [100, 50], memory: V4L2_MEMORY_DMABUF });
    bench.reqbufs(1);
    const planes = planesOf({}, {});
    planes.forEach((plane, n) => {
      plane.m.fd = dmabufs.descriptorOf(new Uint8Array(100 - n * 40));
    });
    qbuf(bench, { length: 2 }, planes);
    assert.deepEqual(
      bench.vb(0).planes.map(({ length }) => length),
      [100, 60],
    );
    withoutBugs(() => bench.q.release());
    assert.equal(dmabufs.attachments, 0);
  });
});

describe('a metadata queue', () => {
  it('takes the size of CREATE_BUFS from the metadata format', () => {
    const bench = new Bench({ config: { type: V4L2_BUF_TYPE_META_CAPTURE } });
    const create = v4l2_create_buffers.make();
    Object.assign(create, { count: 1, memory: V4L2_MEMORY_MMAP });
    create.format.type = V4L2_BUF_TYPE_META_CAPTURE;
    create.format.fmt.meta.buffersize = FRAME + 1;
    vb2CreateBufs(bench.q, bench.file, create);
    assert.equal(bench.vb(0).planeSize(0), FRAME + 1);
  });
});

describe('discardDone', () => {
  it('turns frames that wait for DQBUF into bad ones, and no others', () => {
    const bench = bufferIn('DONE');
    bench.qbuf(1);
    bench.q.discardDone();
    assert.deepEqual([bench.vb(0).state, bench.vb(1).state], ['ERROR', 'ACTIVE']);
    assert.notEqual(bench.dqbuf().flags & V4L2_BUF_FLAG_ERROR, 0);
  });
});

const HINTS = V4L2_BUF_FLAG_NO_CACHE_CLEAN | V4L2_BUF_FLAG_NO_CACHE_INVALIDATE;

/** A queue that counts when its memory changes hands. */
function cached(allowCacheHints: boolean, flags = V4L2_MEMORY_FLAG_NON_COHERENT) {
  const calls: string[] = [];
  const bench = new Bench({
    config: { allowCacheHints },
    memOps: { prepare: () => void calls.push('prepare'), finish: () => void calls.push('finish') },
  });
  const req = v4l2_requestbuffers.make();
  Object.assign(req, { count: 1, type: bench.type, memory: V4L2_MEMORY_MMAP, flags });
  vb2Reqbufs(bench.q, bench.file, req);
  return { bench, calls, req };
}

function round(bench: Bench, flags: number): v4l2_buffer {
  const b = qbuf(bench, { flags });
  bench.streamon();
  bench.device.complete();
  bench.dqbuf();
  return b;
}

describe('cache hints', () => {
  it('leave out what the program does not need when its memory is not coherent', () => {
    const { bench, calls, req } = cached(true);
    assert.equal(req.flags, V4L2_MEMORY_FLAG_NON_COHERENT);
    assert.equal(round(bench, HINTS).flags & HINTS, HINTS);
    assert.deepEqual(calls, []);
    round(bench, V4L2_BUF_FLAG_NO_CACHE_CLEAN);
    assert.deepEqual(calls, ['finish']);
    round(bench, 0);
    assert.deepEqual(calls, ['finish', 'prepare', 'finish']);
  });

  it('change nothing when the memory is coherent', () => {
    const { bench, calls } = cached(true, 0);
    assert.equal(round(bench, HINTS).flags & HINTS, HINTS);
    assert.deepEqual(calls, ['prepare', 'finish']);
  });

  it('are cleared when the queue does not allow them', () => {
    const { bench, calls, req } = cached(false);
    assert.equal(req.flags, 0);
    assert.equal(round(bench, HINTS).flags & HINTS, 0);
    assert.deepEqual(calls, ['prepare', 'finish']);
  });

  for (const [first, second] of [
    [V4L2_MEMORY_FLAG_NON_COHERENT, 0],
    [0, V4L2_MEMORY_FLAG_NON_COHERENT],
  ] as const) {
    it(`make CREATE_BUFS fail when buffers are ${first ? 'non-' : ''}coherent and others are wanted`, () => {
      const { bench } = cached(true, first);
      const create = v4l2_create_buffers.make();
      Object.assign(create, { count: 1, memory: V4L2_MEMORY_MMAP, flags: second });
      create.format.type = bench.type;
      create.format.fmt.pix.sizeimage = FRAME;
      fails(EINVAL, () => vb2CreateBufs(bench.q, bench.file, create));
      create.flags = first;
      vb2CreateBufs(bench.q, bench.file, create);
    });
  }
});

describe('PREPARE_BUF', () => {
  it('moves memory to the device once, however it goes on', () => {
    const { bench, calls } = cached(false);
    const b = bench.buf(0);
    vb2PrepareBuf(bench.q, bench.file, b, bench.caller);
    qbuf(bench);
    bench.streamon();
    bench.streamoff();
    assert.deepEqual(calls, ['prepare', 'finish']);
  });
});

describe('ioModes', () => {
  it('are every kind of memory of the back end when the driver names none', () => {
    const { q } = new Bench({ dmabufs: new HeapDmabufs(), config: { ioModes: VB2_READ } });
    assert.equal(q.ioModes, VB2_READ | VB2_MMAP | VB2_USERPTR | VB2_DMABUF);
    const { alloc, put, mmap } = q.memOps as Required<Vb2MemOps>;
    assert.equal(new Bench({ config: { ioModes: 0, memOps: { alloc, put, mmap } } }).q.ioModes, VB2_MMAP);
  });

  it('are what the driver says when it names a kind of memory', () => {
    assert.equal(new Bench({ config: { ioModes: VB2_USERPTR } }).q.ioModes, VB2_USERPTR);
  });
});
