import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_FIELD_INTERLACED,
  V4L2_MEMORY_MMAP,
  v4l2_plane,
} from '../../src/abi/index.ts';
import { EBUSY, EINVAL, EIO, EPIPE } from '../../src/base/errno.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from '../../src/vfs/file.ts';
import { vb2Dqbuf, vb2Poll, vb2Qbuf, vb2Undqbuf } from '../../src/videobuf2/index.ts';
import {
  Bench,
  FRAME,
  fails,
  queueStreaming,
  TestCaller,
  TestFile,
  TYPE,
  withoutBugs,
} from '../support/vb2-fixture.ts';

const IN = POLLIN | POLLRDNORM;

describe('DQBUF', () => {
  it('hands out what the driver filled in, in the order of done()', () => {
    const bench = queueStreaming(3);
    const [first, second] = [bench.vb(0), bench.vb(1)];
    Object.assign(second, { timestamp: 1_500_000_999, sequence: 4, field: V4L2_FIELD_INTERLACED });
    second.flags |= V4L2_BUF_FLAG_KEYFRAME;
    second.setPlanePayload(0, 10);
    second.done('DONE');
    first.setPlanePayload(0, 20);
    first.done('ERROR');
    const b = bench.dqbuf();
    assert.deepEqual(
      [b.index, b.type, b.memory, b.sequence, b.field, b.bytesused],
      [1, TYPE, V4L2_MEMORY_MMAP, 4, V4L2_FIELD_INTERLACED, 10],
    );
    assert.deepEqual([b.timestamp.tv_sec, b.timestamp.tv_usec], [1, 500_000]);
    assert.equal(b.flags, V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
    const bad = bench.dqbuf();
    assert.equal(bad.index, 0);
    assert.equal(bad.flags & V4L2_BUF_FLAG_ERROR, V4L2_BUF_FLAG_ERROR);
  });

  it('goes on by itself when the thread that slept calls again', () => {
    const bench = queueStreaming(1);
    bench.blockIn();
    bench.blockIn();
    bench.device.complete();
    assert.ok(bench.caller.wakeUps > 0);
    assert.equal(bench.dqbuf().index, 0);
  });

  it('lets another thread in when the sleeper was signalled away', () => {
    const bench = queueStreaming(1);
    const gone = new TestCaller();
    bench.blockIn(gone);
    fails(EBUSY, () => bench.dqbuf());
    gone.awake();
    bench.blockIn();
  });

  it('wakes the sleeper and fails when streaming stops', () => {
    const bench = queueStreaming(1);
    bench.blockIn();
    bench.streamoff();
    assert.ok(bench.caller.wakeUps > 0);
    fails(EINVAL, () => bench.dqbuf());
  });

  it('wakes the sleeper and fails when the device breaks', () => {
    const bench = queueStreaming(1);
    bench.blockIn();
    bench.q.error();
    assert.ok(bench.caller.wakeUps > 0);
    fails(EIO, () => bench.dqbuf());
    bench.streamoff();
    bench.qbuf(0);
  });

  it('leaves the buffer in the queue when the plane array is missing', () => {
    const bench = new Bench({ sizes: [FRAME, 10] });
    bench.reqbufs(1);
    const b = bench.buf(0);
    b.length = 2;
    const planes = [v4l2_plane.make(), v4l2_plane.make()];
    vb2Qbuf(bench.q, bench.file, b, bench.caller, planes);
    bench.streamon();
    bench.device.complete();
    fails(EINVAL, () => bench.dqbuf());
    assert.equal(bench.vb(0).state, 'DONE');
    assert.equal(vb2Dqbuf(bench.q, bench.file, b, bench.caller, planes), 0);
    assert.equal(planes[0]?.bytesused, FRAME);
  });
});

describe('vb2Undqbuf', () => {
  for (const state of ['DONE', 'ERROR'] as const) {
    it(`puts a buffer that was ${state} back to the head when its answer did not arrive`, () => {
      const bench = queueStreaming(3);
      bench.device.complete(state);
      bench.device.complete();
      const lost = bench.dqbuf();
      withoutBugs(() => assert.ok(vb2Undqbuf(bench.q, bench.file)));
      assert.equal(bench.vb(0).state, state);
      const again = bench.dqbuf();
      assert.deepEqual(again.$bytes, lost.$bytes);
      assert.equal(bench.dqbuf().index, 1);
      assert.equal(bench.device.log.filter((line) => line === 'bufFinish 0').length, 1);
      withoutBugs(() => {
        bench.streamoff();
        bench.reqbufs(0);
      });
    });
  }

  it('finishes nothing twice when streaming stops after it', () => {
    const bench = queueStreaming(1);
    bench.device.complete();
    bench.dqbuf();
    assert.ok(vb2Undqbuf(bench.q, bench.file));
    withoutBugs(() => bench.streamoff());
    assert.equal(bench.vb(0).state, 'DEQUEUED');
    assert.equal(bench.device.log.filter((line) => line === 'bufFinish 0').length, 1);
  });

  it('makes the last frame available again', () => {
    const bench = queueStreaming(1);
    bench.vb(0).flags |= V4L2_BUF_FLAG_LAST;
    bench.device.complete();
    bench.dqbuf();
    assert.ok(vb2Undqbuf(bench.q, bench.file));
    assert.equal(bench.dqbuf().index, 0);
    fails(EPIPE, () => bench.dqbuf());
  });

  const NOT: readonly (readonly [string, (bench: Bench) => void])[] = [
    ['streaming has stopped', (bench) => bench.streamoff()],
    ['the buffer is queued again', (bench) => bench.qbuf(0)],
    ['the buffer is prepared again', (bench) => bench.prepare(0)],
    ['the buffer was removed', (bench) => bench.remove(0, 1)],
    ['it was taken back already', (bench) => vb2Undqbuf(bench.q, bench.file)],
    ['another DQBUF has come', (bench) => bench.blockIn()],
  ];
  for (const [when, body] of NOT) {
    it(`does nothing when ${when}`, () => {
      const bench = queueStreaming(2);
      bench.device.complete();
      bench.dqbuf();
      body(bench);
      const state = bench.q.buffer(0)?.state;
      withoutBugs(() => assert.ok(!vb2Undqbuf(bench.q, bench.file)));
      assert.equal(bench.q.buffer(0)?.state, state);
    });
  }

  it('does nothing when another file asks', () => {
    const bench = queueStreaming(1);
    bench.device.complete();
    bench.dqbuf();
    assert.ok(!vb2Undqbuf(bench.q, new TestFile()));
    assert.equal(bench.vb(0).state, 'DEQUEUED');
  });
});

describe('poll', () => {
  const poll = (bench: Bench, requested = IN) => vb2Poll(bench.q, bench.file, requested);

  it('says ERR when nothing streams', () => {
    assert.equal(poll(new Bench()), POLLERR);
    const bench = new Bench();
    bench.reqbufs(1);
    bench.qbuf(0);
    assert.equal(poll(bench), POLLERR);
  });

  it('says nothing when only events are asked for', () => {
    assert.equal(poll(new Bench(), POLLPRI), 0);
    assert.equal(poll(new Bench(), POLLOUT), 0);
  });

  it('says ERR until the first QBUF after STREAMON and not when the queue runs dry', () => {
    const bench = new Bench();
    bench.reqbufs(1);
    bench.streamon();
    assert.equal(poll(bench), POLLERR);
    bench.qbuf(0);
    assert.equal(poll(bench), 0);
    bench.device.complete();
    assert.equal(poll(bench), IN);
    bench.dqbuf();
    assert.equal(poll(bench), 0);
  });

  it('says ERR when the device has failed, even with a frame done', () => {
    const bench = queueStreaming(1);
    bench.device.complete();
    bench.q.error();
    assert.equal(poll(bench), POLLERR);
  });

  it('says IN after the last frame, so that DQBUF can say EPIPE', () => {
    const bench = queueStreaming(1);
    bench.vb(0).flags |= V4L2_BUF_FLAG_LAST;
    bench.device.complete();
    bench.dqbuf();
    assert.equal(poll(bench), IN);
  });

  it('says OUT when an output frame is done', () => {
    const bench = queueStreaming(1, { output: true });
    assert.equal(poll(bench, POLLOUT), 0);
    bench.device.complete();
    assert.equal(poll(bench, POLLOUT), POLLOUT | POLLWRNORM);
  });

  it('has woken doneWq whenever its answer changed', () => {
    const bench = new Bench();
    let shown = poll(bench);
    bench.q.doneWq.add(() => {
      shown = poll(bench);
    });
    const steps: (() => void)[] = [
      () => bench.reqbufs(2),
      () => bench.streamon(),
      () => bench.qbuf(0),
      () => void bench.device.complete(),
      () => void bench.dqbuf(),
      () => void vb2Undqbuf(bench.q, bench.file),
      () => void bench.dqbuf(),
      () => bench.qbuf(1),
      () => bench.q.error(),
      () => bench.streamoff(),
      () => bench.reqbufs(0),
    ].map((step) => () => void step());
    const answers = steps.map((step) => {
      step();
      assert.equal(shown, poll(bench));
      return shown;
    });
    assert.deepEqual(answers, [POLLERR, POLLERR, 0, IN, 0, IN, 0, 0, POLLERR, POLLERR, POLLERR]);
  });
});
