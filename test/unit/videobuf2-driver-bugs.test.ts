/** What happens when a driver misbehaves: it is reported, and the program can go on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { V4L2_BUF_FLAG_ERROR } from '../../src/abi/index.ts';
import { EIO, ENOMEM, Errno } from '../../src/base/errno.ts';
import {
  bufferCalls,
  queueCalls,
  reportBufferBalance,
  reportQueueBalance,
} from '../../src/videobuf2/core/call-op.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import {
  Bench,
  bufferIn,
  bugsIn,
  FRAME,
  fails,
  queueStreaming,
  withoutBugs,
} from '../support/vb2-fixture.ts';

/** A fault that strikes at the n-th call (from 0) and not again. */
function at(n: number, code: number): () => void {
  let calls = 0;
  return () => {
    if (calls++ === n) throw new Errno(code, 'injected');
  };
}

/** The queue takes part in a whole stream as if nothing had happened. */
function assertUsable(bench: Bench): void {
  withoutBugs(() => {
    bench.q.release();
    bench.device.owned.length = 0;
    bench.reqbufs(2);
    bench.qbuf(0);
    bench.qbuf(1);
    bench.streamon();
    bench.device.complete();
    assert.equal(bench.dqbuf().index, 0);
    bench.streamoff();
    bench.reqbufs(0);
  });
}

describe('a driver bug', () => {
  it('is reported and changes nothing when a buffer that was freed is finished', () => {
    const bench = queueStreaming(2);
    const old = bench.vb(0);
    bench.streamoff();
    bench.reqbufs(2);
    assert.equal(bugsIn(() => old.done('DONE')).length, 1);
    assert.equal(bench.vb(0).state, 'DEQUEUED');
    assertUsable(bench);
  });

  it('is reported and mended when a failed startStreaming keeps buffers', () => {
    const bench = new Bench({ ops: { startStreaming: at(0, EIO) } });
    bench.reqbufs(2);
    bench.qbuf(0);
    bench.qbuf(1);
    const bugs = bugsIn(() => fails(EIO, () => bench.streamon()));
    assert.deepEqual(bugs, [
      "bench: startStreaming failed and kept 2 buffers; give them back with done('QUEUED')",
    ]);
    assert.deepEqual([bench.vb(0).state, bench.vb(1).state], ['QUEUED', 'QUEUED']);
    assert.equal(bench.q[STATE].ownedByDriver, 0);
    assertUsable(bench);
  });

  it('is reported when a failed startStreaming gives buffers back as ERROR', () => {
    const fault = at(0, EIO);
    const bench = new Bench({
      config: { minQueuedBuffers: 2 },
      ops: {
        startStreaming: (q) => {
          try {
            fault();
          } catch (error) {
            q.drvPriv.giveAllBack('ERROR');
            throw error;
          }
        },
      },
    });
    bench.reqbufs(2);
    bench.qbuf(0);
    bench.streamon();
    const bugs = bugsIn(() => fails(EIO, () => bench.qbuf(1)));
    assert.equal(bugs.length, 1);
    assert.match(bugs[0] ?? '', /buffers are DONE or ERROR/);
    assert.equal(bench.vb(1).state, 'DEQUEUED');
    withoutBugs(() => bench.qbuf(1));
    assertUsable(bench);
  });

  it('is reported and mended when stopStreaming keeps buffers', () => {
    const bench = queueStreaming(2, { ops: { stopStreaming: () => {} } });
    const bugs = bugsIn(() => bench.streamoff());
    assert.deepEqual(bugs, ["bench: stopStreaming kept 2 buffers; give every one back with done('ERROR')"]);
    assert.deepEqual([bench.vb(0).state, bench.vb(1).state], ['DEQUEUED', 'DEQUEUED']);
    assert.equal(bench.q[STATE].ownedByDriver, 0);
  });

  for (const state of ['DEQUEUED', 'QUEUED', 'DONE', 'ERROR'] as const) {
    it(`is reported and ignored when done() comes for a buffer that is ${state}`, () => {
      const bench = bufferIn(state);
      const before = bench.q[STATE].doneList.length;
      const bugs = bugsIn(() => bench.vb(0).done('DONE'));
      assert.deepEqual(bugs, [`Cannot done buffer 0 of bench: state is ${state}, expected ACTIVE`]);
      assert.equal(bench.vb(0).state, state);
      assert.equal(bench.q[STATE].doneList.length, before);
    });
  }

  it('is reported and taken as ERROR when done() gets no such state', () => {
    const bench = bufferIn('ACTIVE');
    const bugs = bugsIn(() => bench.vb(0).done('DEQUEUED' as 'DONE'));
    assert.equal(bugs.length, 1);
    assert.equal(bench.vb(0).state, 'ERROR');
  });

  it('is reported and the payload cut when it is larger than the plane', () => {
    const bench = bufferIn('ACTIVE');
    const bugs = bugsIn(() => bench.vb(0).setPlanePayload(0, FRAME + 1));
    assert.equal(bugs.length, 1);
    assert.equal(bench.vb(0).planePayload(0), FRAME);
  });

  it('is reported when a plane is asked for that the buffer has not', () => {
    const bench = bufferIn('ACTIVE');
    const bugs = bugsIn(() => {
      assert.equal(bench.vb(0).planeVaddr(1).length, 0);
      assert.equal(bench.vb(0).planeCookie(1), undefined);
      assert.equal(bench.vb(0).planeSize(1), 0);
    });
    assert.equal(bugs.length, 3);
  });

  it('reaches the program as EIO when an op that may fail throws no Errno', () => {
    const crash = () => {
      throw new TypeError('oops');
    };
    const inPrepare = new Bench({ ops: { bufPrepare: crash } });
    inPrepare.reqbufs(1);
    assert.match(
      bugsIn(() => fails(EIO, () => inPrepare.qbuf(0))).join(),
      /bench: bufPrepare threw what is not an Errno: TypeError: oops/,
    );
    assert.equal(inPrepare.vb(0).state, 'DEQUEUED');
    const inSetup = new Bench({ ops: { queueSetup: crash } });
    assert.equal(bugsIn(() => fails(EIO, () => inSetup.reqbufs(1))).length, 1);
  });

  it('costs one bad frame when bufQueue throws', () => {
    let calls = 0;
    const bench = queueStreaming(2, {
      ops: {
        bufQueue: (vb) => {
          if (calls++ === 2) throw new Errno(EIO);
          vb.queue.drvPriv.owned.push(vb);
        },
      },
    });
    bench.device.complete();
    const { index } = bench.dqbuf();
    const bugs = bugsIn(() => bench.qbuf(index));
    assert.match(bugs.join(), /bufQueue threw, but must not fail/);
    assert.equal(bench.dqbuf().flags & V4L2_BUF_FLAG_ERROR, V4L2_BUF_FLAG_ERROR);
    withoutBugs(() => bench.q.release());
  });

  it('stops nothing when stopStreaming, bufFinish or bufCleanup throw', () => {
    const crash = () => {
      throw new TypeError('oops');
    };
    const bench = queueStreaming(1, { ops: { stopStreaming: crash, bufFinish: crash, bufCleanup: crash } });
    const bugs = bugsIn(() => bench.q.release());
    assert.deepEqual(
      bugs.map((bug) => /bench: (\w+)/.exec(bug)?.[1]),
      ['stopStreaming', 'stopStreaming', 'bufFinish', 'bufCleanup'],
    );
    assert.equal(bench.q.numBuffers, 0);
  });

  it('is reported when the memory back end throws no Errno', () => {
    const bench = new Bench({
      memOps: {
        alloc: () => {
          throw new TypeError('oops');
        },
      },
    });
    const bugs = bugsIn(() => fails(ENOMEM, () => bench.reqbufs(1)));
    assert.match(bugs.join(), /memory back end threw/);
  });
});

describe('op balance', () => {
  it('is silent when calls came in pairs and names those that did not', () => {
    const calls = bufferCalls();
    Object.assign(calls, { bufInit: 1, bufCleanup: 1, bufPrepare: 4, bufFinish: 4, bufQueue: 3, done: 3 });
    withoutBugs(() => reportBufferBalance('buffer 0', calls));
    const bugs = bugsIn(() =>
      reportBufferBalance('buffer 0', { ...calls, bufCleanup: 0, bufFinish: 3, done: 4 }),
    );
    assert.deepEqual(bugs, [
      'buffer 0: unbalanced calls: bufInit 1, bufCleanup 0',
      'buffer 0: unbalanced calls: bufPrepare 4, bufFinish 3',
      'buffer 0: unbalanced calls: bufQueue 3, done 4',
    ]);
  });

  it('is checked for the queue as well', () => {
    const bugs = bugsIn(() =>
      reportQueueBalance('q', {
        ...queueCalls(),
        startStreaming: 1,
        prepareStreaming: 2,
        unprepareStreaming: 1,
      }),
    );
    assert.deepEqual(bugs, [
      'q: unbalanced calls: prepareStreaming 2, unprepareStreaming 1',
      'q: unbalanced calls: startStreaming 1, stopStreaming 0',
    ]);
  });

  it('is checked when a buffer is freed', () => {
    const bench = new Bench();
    bench.reqbufs(1);
    bench.vb(0).calls.bufPrepare++;
    assert.deepEqual(
      bugsIn(() => bench.reqbufs(0)),
      ['buffer 0 of bench: unbalanced calls: bufPrepare 1, bufFinish 0'],
    );
  });
});
