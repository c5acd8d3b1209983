import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  V4L2_BUF_CAP_SUPPORTS_MAX_NUM_BUFFERS,
  V4L2_BUF_CAP_SUPPORTS_MMAP,
  V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS,
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_MAPPED,
  V4L2_BUF_FLAG_NO_CACHE_CLEAN,
  V4L2_BUF_FLAG_PREPARED,
  V4L2_BUF_FLAG_QUEUED,
  V4L2_BUF_FLAG_TIMECODE,
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_FIELD_NONE,
  V4L2_MEMORY_MMAP,
  v4l2_plane,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EBUSY, EPIPE } from '../../src/base/errno.ts';
import { MAP_SHARED, PROT_READ } from '../../src/vfs/file.ts';
import { mmapCookie } from '../../src/videobuf2/core/cookies.ts';
import { vb2FopRelease, vb2Mmap, vb2Qbuf, vb2Querybuf, vb2Reqbufs } from '../../src/videobuf2/index.ts';
import {
  Bench,
  bugsIn,
  FRAME,
  fails,
  queueStreaming,
  TestFile,
  TYPE,
  withoutBugs,
} from '../support/vb2-fixture.ts';

function mapped(bench: Bench, index = 0) {
  const offset = bench.querybuf(index).m.offset;
  return vb2Mmap(bench.q, { offset, length: FRAME, prot: PROT_READ, flags: MAP_SHARED });
}

describe('REQBUFS', () => {
  it('answers capabilities and clears unknown flags when it succeeds', () => {
    const bench = new Bench();
    const req = v4l2_requestbuffers.make();
    Object.assign(req, { count: 3, type: TYPE, memory: V4L2_MEMORY_MMAP, flags: 0xff });
    vb2Reqbufs(bench.q, bench.file, req);
    assert.equal(req.count, 3);
    assert.equal(req.flags, 0);
    assert.equal(req.capabilities, V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS);
  });

  it('gives 32 buffers when asked for more', () => {
    assert.equal(new Bench().reqbufs(1000).count, 32);
  });

  it('gives what the driver needs when asked for less', () => {
    assert.equal(new Bench({ config: { minQueuedBuffers: 3 } }).reqbufs(1).count, 3);
  });

  it('frees the old buffers and makes new ones when it is called again', () => {
    const bench = new Bench();
    bench.reqbufs(3);
    const before = bench.vb(0);
    bench.prepare(0);
    withoutBugs(() => assert.equal(bench.reqbufs(2).count, 2));
    assert.notEqual(bench.vb(0), before);
    assert.equal(bench.q.numBuffers, 2);
    assert.deepEqual(
      bench.device.log.filter((line) => line.startsWith('bufCleanup')),
      ['bufCleanup 0', 'bufCleanup 1', 'bufCleanup 2'],
    );
  });

  it('hands the queue to another file when the owner has freed it', () => {
    const bench = new Bench();
    const other = new TestFile();
    bench.reqbufs(1);
    assert.ok(bench.q.isBusy());
    bench.reqbufs(0);
    assert.ok(!bench.q.isBusy());
    bench.reqbufs(1, other);
    fails(EBUSY, () => bench.reqbufs(1));
    assert.equal(bench.q.owner, other);
  });

  it('leaves mappings usable when the buffers are freed under them', () => {
    const bench = new Bench();
    bench.reqbufs(1);
    const mapping = mapped(bench);
    assert.equal(bench.querybuf(0).flags & V4L2_BUF_FLAG_MAPPED, V4L2_BUF_FLAG_MAPPED);
    bench.vb(0).planeVaddr(0).fill(7);
    bench.reqbufs(0);
    bench.reqbufs(1);
    bench.vb(0).planeVaddr(0).fill(9);
    assert.ok(mapping.bytes.every((byte) => byte === 7));
    assert.equal(bench.querybuf(0).flags & V4L2_BUF_FLAG_MAPPED, 0);
    mapping.unmap();
  });
});

describe('QUERYBUF', () => {
  it('tells length and offset of an unqueued buffer and nothing else', () => {
    const bench = new Bench();
    bench.reqbufs(3);
    const b = bench.buf(2);
    Object.assign(b, { flags: 0xffffffff, sequence: 9, bytesused: 9, field: 9, reserved2: 9, request_fd: 9 });
    b.timestamp.tv_sec = 9;
    b.timecode.hours = 9;
    vb2Querybuf(bench.q, bench.file, b);
    assert.equal(b.length, FRAME);
    assert.equal(b.m.offset, mmapCookie(2, 0));
    assert.equal(b.flags, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
    for (const field of [
      b.sequence,
      b.bytesused,
      b.field,
      b.reserved2,
      b.request_fd,
      b.timestamp.tv_sec,
      b.timecode.hours,
    ]) {
      assert.equal(field, 0);
    }
  });

  it('tells every plane when the queue is multi-planar', () => {
    const bench = new Bench({ sizes: [100, 50] });
    bench.reqbufs(2);
    const b = bench.buf(1);
    b.length = 2;
    const planes = [v4l2_plane.make(), v4l2_plane.make()];
    planes[1]?.reserved.set(10, 1);
    vb2Querybuf(bench.q, bench.file, b, planes);
    assert.deepEqual(
      planes.map((plane) => [plane.length, plane.m.mem_offset]),
      [
        [100, mmapCookie(1, 0)],
        [50, mmapCookie(1, 1)],
      ],
    );
    assert.equal(planes[1]?.reserved.get(10), 0);
  });
});

describe('CREATE_BUFS and REMOVE_BUFS', () => {
  it('tells the limit and the next index when count is 0', () => {
    const bench = new Bench({ config: { maxNumBuffers: 64 } });
    bench.reqbufs(2);
    const create = bench.create(0);
    assert.equal(create.index, 2);
    assert.equal(create.max_num_buffers, 64);
    assert.ok(create.capabilities & V4L2_BUF_CAP_SUPPORTS_MAX_NUM_BUFFERS);
  });

  it('keeps the length that the program asked for', () => {
    const bench = new Bench();
    bench.create(1, FRAME * 2 + 1);
    assert.equal(bench.querybuf(0).length, FRAME * 2 + 1);
    assert.equal(bench.q.owner, bench.file);
  });

  it('fills a hole only with a run that fits', () => {
    const bench = new Bench();
    bench.create(4);
    bench.remove(1, 2);
    assert.equal(bench.create(3).index, 4);
    assert.equal(bench.create(2).index, 1);
    assert.equal(bench.q.numBuffers, 7);
  });

  it('gives fewer buffers when the queue has not enough room', () => {
    const bench = new Bench({ config: { maxNumBuffers: 4 } });
    bench.create(3);
    const create = bench.create(5);
    assert.deepEqual([create.index, create.count], [3, 1]);
  });

  it('takes the largest run there is when no run has all', () => {
    const bench = new Bench({ config: { maxNumBuffers: 4 } });
    bench.create(4);
    bench.remove(0, 1);
    bench.remove(2, 2);
    const create = bench.create(3);
    assert.deepEqual([create.index, create.count], [2, 2]);
  });

  it('stays busy and keeps its owner when the last buffer is removed', () => {
    const bench = new Bench();
    bench.create(2);
    withoutBugs(() => bench.remove(0, 2));
    assert.ok(bench.q.isBusy());
    assert.equal(bench.q.owner, bench.file);
    assert.equal(bench.create(1).index, 0);
  });

  it('finishes a prepared buffer when it is removed', () => {
    const bench = new Bench();
    bench.create(1);
    bench.prepare(0);
    withoutBugs(() => bench.remove(0, 1));
    assert.deepEqual(bench.device.log, ['bufInit 0', 'bufPrepare 0', 'bufFinish 0', 'bufCleanup 0']);
  });

  it('leaves the stream running when buffers are added and removed', () => {
    const bench = queueStreaming(2);
    bench.create(2);
    bench.qbuf(3);
    withoutBugs(() => bench.remove(2, 1));
    assert.equal(bench.device.owned.length, 3);
    assert.ok(bench.q.isStreaming());
  });
});

describe('QBUF', () => {
  it('shows QUEUED and forgets what only states may say', () => {
    const bench = new Bench();
    bench.reqbufs(1);
    const b = bench.buf(0);
    b.flags =
      V4L2_BUF_FLAG_ERROR | V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_LAST | V4L2_BUF_FLAG_NO_CACHE_CLEAN;
    b.bytesused = 77;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(b.flags, V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
    assert.equal(b.bytesused, 0);
  });

  it('starts the driver when the buffer is the last that it waits for', () => {
    const bench = new Bench({ config: { minQueuedBuffers: 2 } });
    bench.reqbufs(3);
    bench.qbuf(0);
    bench.streamon();
    assert.ok(!bench.q.isStarted());
    assert.equal(bench.device.owned.length, 0);
    bench.qbuf(1);
    assert.ok(bench.q.isStarted());
    assert.ok(bench.device.log.includes('startStreaming 2'));
    bench.qbuf(2);
    assert.equal(bench.device.owned.length, 3);
  });

  it('takes bytesused 0 of an output buffer for all of it', () => {
    const bench = new Bench({ output: true });
    bench.reqbufs(2);
    bench.qbuf(0);
    assert.equal(bench.vb(0).planePayload(0), FRAME);
    const b = bench.buf(1);
    Object.assign(b, { bytesused: 10, field: V4L2_FIELD_NONE });
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(bench.vb(1).planePayload(0), 10);
    assert.equal(bench.vb(1).field, V4L2_FIELD_NONE);
  });

  it('carries timestamp and timecode from an output buffer when the queue copies timestamps', () => {
    const bench = new Bench({ output: true, config: { timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY } });
    bench.reqbufs(1);
    const b = bench.buf(0);
    b.flags = V4L2_BUF_FLAG_TIMECODE;
    b.timestamp.tv_sec = 12;
    b.timestamp.tv_usec = 345678;
    b.timecode.hours = 3;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(bench.vb(0).timestamp, 12_345_678_000);
    const q = bench.querybuf(0);
    assert.deepEqual([q.timestamp.tv_sec, q.timestamp.tv_usec, q.timecode.hours], [12, 345678, 3]);
    assert.equal(q.flags & V4L2_BUF_FLAG_TIMECODE, V4L2_BUF_FLAG_TIMECODE);
  });

  it('keeps the time of the last frame of a capture queue that copies timestamps, and of no other', () => {
    for (const [timestampFlags, seconds] of [
      [V4L2_BUF_FLAG_TIMESTAMP_COPY, 3],
      [V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, 0],
    ] as const) {
      const bench = queueStreaming(1, { config: { timestampFlags } });
      bench.vb(0).timestamp = 3e9;
      bench.device.complete();
      bench.dqbuf();
      assert.equal(bench.qbuf(0).timestamp.tv_sec, seconds);
    }
  });

  it('gives no timecode back that came without its flag', () => {
    const bench = new Bench({ output: true });
    bench.reqbufs(1);
    const b = bench.buf(0);
    b.timecode.hours = 3;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(b.timecode.hours, 0);
  });
});

describe('STREAMOFF', () => {
  it('gives every buffer back to the program, whatever its state', () => {
    const bench = queueStreaming(4);
    bench.device.complete();
    bench.device.complete('ERROR');
    withoutBugs(() => bench.streamoff());
    for (let index = 0; index < 4; index++) {
      assert.equal(bench.vb(index).state, 'DEQUEUED');
      assert.equal(bench.querybuf(index).flags & (V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_PREPARED), 0);
    }
    assert.equal(bench.device.log.filter((line) => line.startsWith('bufFinish')).length, 4);
    for (let index = 0; index < 4; index++) bench.qbuf(index);
    bench.streamon();
    assert.equal(bench.device.owned.length, 4);
  });

  it('ends the state after the last frame', () => {
    const bench = queueStreaming(2);
    bench.vb(0).flags |= V4L2_BUF_FLAG_LAST;
    bench.device.complete();
    assert.equal(bench.dqbuf().flags & V4L2_BUF_FLAG_LAST, V4L2_BUF_FLAG_LAST);
    fails(EPIPE, () => bench.dqbuf());
    bench.streamoff();
    bench.streamon();
    bench.blockIn();
  });
});

describe('close', () => {
  it('stops and frees everything when the owner closes, and nothing when another does', () => {
    const bench = queueStreaming(2);
    vb2FopRelease(bench.q, new TestFile());
    assert.ok(bench.q.isStreaming());
    withoutBugs(() => vb2FopRelease(bench.q, bench.file));
    assert.ok(!bench.q.isStreaming());
    assert.ok(!bench.q.isBusy());
    assert.equal(bench.q.owner, undefined);
    assert.equal(bench.q.numBuffers, 0);
    new Bench().reqbufs(1);
    bench.reqbufs(1, new TestFile());
  });
});

describe('a running stream', () => {
  it('calls every op in pairs over many rounds', () => {
    const bench = queueStreaming(4);
    const bugs = bugsIn(() => {
      for (let round = 0; round < 100; round++) {
        bench.device.complete(round % 7 === 0 ? 'ERROR' : 'DONE');
        const b = bench.dqbuf();
        if (round % 3 === 0) bench.prepare(b.index);
        bench.qbuf(b.index);
      }
      bench.q.release();
    });
    assert.deepEqual(bugs, []);
    const count = (name: string) => bench.device.log.filter((line) => line.startsWith(name)).length;
    assert.equal(count('bufPrepare'), 104);
    assert.equal(count('bufFinish'), 104);
    assert.equal(count('bufInit'), count('bufCleanup'));
  });
});
