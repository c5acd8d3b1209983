/** What happens when a driver fails, and when it misbehaves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EBUSY, EINVAL, EIO, ENODEV, ENOMEM, Errno } from '../../src/base/errno.ts';
import type { DmaDirection } from '../../src/memory/mem-ops.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import { Bench, type BenchOptions, bugsIn, fails, testOps, withoutBugs } from '../support/vb2-fixture.ts';

/** A fault that strikes at the n-th call (from 0) and not again. */
function at(n: number, code: number): () => void {
  let calls = 0;
  return () => {
    if (calls++ === n) throw new Errno(code, 'injected');
  };
}

const vmalloc = vmallocMemOps(heapPages);

/** Memory for `count` planes at a time, and how many are out. */
function scarce(count: number) {
  const state = { out: 0 };
  const memOps = {
    alloc: (length: number, cookie: number, direction: DmaDirection) => {
      if (state.out >= count) throw new Errno(ENOMEM);
      state.out++;
      return vmalloc.alloc?.(length, cookie, direction) as object;
    },
    put: (memory: object) => {
      state.out--;
      vmalloc.put?.(memory as never);
    },
  };
  return { memOps, state };
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

describe('REQBUFS', () => {
  it('passes the error on and allocates nothing when queueSetup fails', () => {
    const fault = at(0, ENODEV);
    const bench = new Bench({
      ops: {
        queueSetup: (q, setup) => {
          fault();
          testOps.queueSetup(q, setup);
        },
      },
    });
    fails(ENODEV, () => bench.reqbufs(2));
    assert.ok(!bench.q.isBusy());
    assert.equal(bench.q.owner, undefined);
    assertUsable(bench);
  });

  it('gives fewer buffers when memory runs out, if the driver agrees', () => {
    const { memOps, state } = scarce(3);
    const asked: [number, number][] = [];
    const bench = new Bench({
      memOps,
      ops: {
        queueSetup: (q, setup) => {
          asked.push([setup.count, setup.numPlanes]);
          testOps.queueSetup(q, setup);
        },
      },
    });
    assert.equal(bench.reqbufs(5).count, 3);
    assert.deepEqual(asked, [
      [5, 0],
      [3, 0],
    ]);
    withoutBugs(() => bench.reqbufs(0));
    assert.equal(state.out, 0);
  });

  for (const [what, options] of [
    [
      'the driver insists on more',
      {
        ops: {
          queueSetup: (q, setup) => {
            testOps.queueSetup(q, setup);
            setup.count = 5;
          },
        },
      },
    ],
    ['the queue needs more', { config: { minReqbufsAllocation: 4 } }],
  ] satisfies [string, BenchOptions][]) {
    it(`fails with ENOMEM and frees all when memory runs out and ${what}`, () => {
      const { memOps, state } = scarce(3);
      const bench = new Bench({ memOps, ...options });
      withoutBugs(() => fails(ENOMEM, () => bench.reqbufs(5)));
      assert.equal(state.out, 0);
      assert.equal(bench.q.numBuffers, 0);
      assert.ok(!bench.q.isBusy());
    });
  }

  for (let n = 0; n < 6; n++) {
    it(`keeps whole buffers only when plane ${n} of 6 finds no memory`, () => {
      const { memOps, state } = scarce(n);
      const bench = new Bench({ memOps, sizes: [10, 20] });
      const whole = Math.floor(n / 2);
      if (whole === 0) fails(ENOMEM, () => bench.reqbufs(3));
      else assert.equal(bench.reqbufs(3).count, whole);
      assert.equal(state.out, whole * 2);
      withoutBugs(() => bench.q.release());
      assert.equal(state.out, 0);
    });

    it(`keeps the buffers before it when bufInit fails at buffer ${n}`, () => {
      const { memOps, state } = scarce(99);
      const bench = new Bench({ memOps, ops: { bufInit: at(n, EIO) } });
      if (n === 0) fails(ENOMEM, () => bench.reqbufs(6));
      else assert.equal(bench.reqbufs(6).count, n);
      assert.equal(state.out, n);
      withoutBugs(() => bench.q.release());
      assert.equal(state.out, 0);
    });
  }

  for (const [what, sizes] of [
    ['no planes', []],
    ['a plane without size', [0]],
    ['9 planes', Array(9).fill(1)],
  ] as const) {
    it(`reports a driver bug and fails with EINVAL when queueSetup leaves ${what}`, () => {
      const bench = new Bench({ sizes: [...sizes] });
      const bugs = bugsIn(() => fails(EINVAL, () => bench.reqbufs(1)));
      assert.equal(bugs.length, 1);
      assert.match(bugs[0] ?? '', /bench: queueSetup left/);
    });
  }
});

describe('CREATE_BUFS', () => {
  it('adds fewer when memory runs out and leaves the old ones alone', () => {
    const { memOps } = scarce(3);
    const bench = new Bench({ memOps });
    bench.reqbufs(2);
    assert.deepEqual([bench.create(4).index, bench.q.numBuffers], [2, 3]);
    fails(ENOMEM, () => bench.create(1));
    assert.equal(bench.q.numBuffers, 3);
  });

  it('passes the error on when queueSetup fails', () => {
    const bench = new Bench({ ops: { queueSetup: at(0, ENODEV) } });
    fails(ENODEV, () => bench.create(1));
    assert.equal(bench.q.memory, 0);
  });
});

describe('QBUF', () => {
  it('leaves the buffer with the program when bufPrepare fails', () => {
    const bench = new Bench({ ops: { bufPrepare: at(0, EINVAL) } });
    bench.reqbufs(1);
    fails(EINVAL, () => bench.qbuf(0));
    assert.equal(bench.vb(0).state, 'DEQUEUED');
    bench.qbuf(0);
    assert.equal(bench.vb(0).state, 'QUEUED');
    withoutBugs(() => bench.reqbufs(0));
  });

  it('leaves the buffer with the program when bufOutValidate fails', () => {
    const bench = new Bench({ output: true, ops: { bufOutValidate: at(0, EINVAL) } });
    bench.reqbufs(1);
    fails(EINVAL, () => bench.prepare(0));
    assert.equal(bench.vb(0).state, 'DEQUEUED');
    bench.prepare(0);
    withoutBugs(() => bench.reqbufs(0));
  });

  it('never asks bufOutValidate when the queue captures', () => {
    let asked = 0;
    const bench = new Bench({ ops: { bufOutValidate: () => void asked++ } });
    bench.reqbufs(2);
    bench.prepare(0);
    bench.qbuf(0);
    bench.qbuf(1);
    assert.equal(asked, 0);
    assert.deepEqual([bench.vb(0).state, bench.vb(1).state], ['QUEUED', 'QUEUED']);
  });

  it('fails and keeps the other buffers queued when it made the driver start and that failed', () => {
    const fault = at(0, EBUSY);
    const bench = new Bench({
      config: { minQueuedBuffers: 2 },
      ops: {
        startStreaming: (q) => {
          try {
            fault();
          } catch (error) {
            q.drvPriv.giveAllBack('QUEUED');
            throw error;
          }
        },
      },
    });
    bench.reqbufs(2);
    bench.qbuf(0);
    bench.streamon();
    withoutBugs(() => fails(EBUSY, () => bench.qbuf(1)));
    assert.deepEqual([bench.vb(0).state, bench.vb(1).state], ['QUEUED', 'DEQUEUED']);
    assert.equal(bench.q[STATE].queuedList.length, 1);
    withoutBugs(() => bench.qbuf(1));
    assert.equal(bench.device.owned.length, 2);
  });
});

describe('STREAMON', () => {
  it('fails and keeps all buffers queued when startStreaming fails', () => {
    const fault = at(0, EIO);
    const unprepared: string[] = [];
    const bench = new Bench({
      ops: {
        startStreaming: (q) => {
          try {
            fault();
          } catch (error) {
            q.drvPriv.giveAllBack('QUEUED');
            throw error;
          }
        },
        unprepareStreaming: () => void unprepared.push('unprepare'),
      },
    });
    bench.reqbufs(2);
    bench.qbuf(0);
    bench.qbuf(1);
    withoutBugs(() => fails(EIO, () => bench.streamon()));
    assert.deepEqual(unprepared, ['unprepare']);
    assert.ok(!bench.q.isStreaming());
    assert.deepEqual([bench.vb(0).state, bench.vb(1).state], ['QUEUED', 'QUEUED']);
    withoutBugs(() => bench.streamon());
    assert.deepEqual(
      bench.device.owned.map((vb) => vb.index),
      [0, 1],
    );
    assertUsable(bench);
  });

  it('does not start the driver when prepareStreaming fails', () => {
    const bench = new Bench({ ops: { prepareStreaming: at(0, ENODEV) } });
    bench.reqbufs(1);
    bench.qbuf(0);
    fails(ENODEV, () => bench.streamon());
    assert.ok(!bench.device.log.some((line) => line.startsWith('startStreaming')));
    bench.streamon();
    assertUsable(bench);
  });
});
