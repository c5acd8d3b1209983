/** What a queue does by itself when nobody streams from it: poll() that starts to read, consumers in the kernel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EBUSY, EINVAL, EIO, Errno } from '../../src/base/errno.ts';
import { Timer } from '../../src/base/timers.ts';
import { POLL_NOW, POLLERR, POLLIN, POLLOUT, WOULD_BLOCK } from '../../src/vfs/file.ts';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import { Vb2Thread, vb2Poll } from '../../src/videobuf2/index.ts';
import {
  frame,
  READABLE,
  read,
  readable,
  reading,
  WRITABLE,
  writable,
  write,
} from '../support/vb2-fileio.ts';
import {
  Bench,
  bugsIn,
  FRAME,
  fails,
  queueStreaming,
  type TestDevice,
  withoutBugs,
} from '../support/vb2-fixture.ts';

describe('poll of an idle queue', () => {
  const poll = (bench: Bench, bits: number) => vb2Poll(bench.q, bench.file, bits);

  it('starts to read when a program polls, for the one who polls', () => {
    const bench = readable();
    assert.equal(poll(bench, POLLIN | POLL_NOW), 0);
    assert.equal(bench.q.owner, bench.file);
    frame(bench, 1);
    assert.equal(poll(bench, POLLIN | POLL_NOW), READABLE);
  });

  it('says ERR when reading cannot start', () => {
    const bench = readable({}, { sizes: [9, 9] });
    assert.equal(poll(bench, POLLIN | POLL_NOW), POLLERR);
    assert.equal(bench.q.owner, undefined);
  });

  it('starts nothing when the program asks for other bits, or a face asks', () => {
    const bench = readable();
    assert.equal(poll(bench, POLLOUT | POLL_NOW), 0);
    assert.equal(poll(bench, POLLIN), READABLE);
    assert.equal(bench.q.owner, undefined);
  });

  it('says ERR when the queue cannot be read', () => {
    assert.equal(poll(new Bench(), POLLIN | POLL_NOW), POLLERR);
  });

  it('says that a queue can be written at once, until all buffers are queued', () => {
    const bench = writable();
    assert.equal(poll(bench, POLLOUT | POLL_NOW), WRITABLE);
    write(bench, FRAME);
    assert.equal(poll(bench, POLLOUT), WRITABLE);
    write(bench, FRAME);
    assert.equal(poll(bench, POLLOUT), 0);
    bench.device.complete();
    assert.equal(poll(bench, POLLOUT), WRITABLE);
  });

  it('stays readable while a frame is half read', () => {
    const bench = reading();
    frame(bench, 1, 20);
    read(bench, 10);
    assert.equal(poll(bench, POLLIN), READABLE);
    read(bench, 10);
    assert.equal(poll(bench, POLLIN), 0);
  });
});

describe('Vb2Thread', () => {
  it('feeds its function with every frame, after the driver has returned', () => {
    const bench = readable();
    const sequences: number[] = [];
    const thread = new Vb2Thread(bench.q, (vb) => sequences.push(vb.sequence) > 0);
    for (let n = 0; n < 3; n++) {
      const vb = bench.device.owned[0];
      assert.ok(vb);
      vb.sequence = n;
      bench.device.complete();
      assert.equal(sequences.length, n, 'not from within done()');
      bench.clock.advance(1);
    }
    assert.deepEqual(sequences, [0, 1, 2]);
    withoutBugs(() => thread.stop());
    assert.ok(!bench.q.isBusy());
    assert.ok(bench.q[STATE].dqbufWq.empty);
  });

  it('ends, and the queue is idle again, when the queue has failed', () => {
    const bench = readable();
    let frames = 0;
    const thread = new Vb2Thread(bench.q, () => ++frames > 0);
    bench.device.complete();
    bench.q.error();
    withoutBugs(() => bench.clock.advance(1));
    assert.deepEqual([frames, thread.isRunning, bench.q.isBusy()], [0, false, false]);
    bench.reqbufs(1);
  });

  it('makes the queue busy for programs, read() included', () => {
    const bench = readable();
    const thread = new Vb2Thread(bench.q, () => true);
    fails(EBUSY, () => bench.reqbufs(1));
    fails(EBUSY, () => read(bench, 1));
    thread.stop();
    bench.reqbufs(1);
  });

  it('fills the buffers of an output queue, again and again', () => {
    const bench = writable();
    let made = 0;
    new Vb2Thread(bench.q, (vb) => {
      vb.setPlanePayload(0, ++made);
      return true;
    });
    assert.deepEqual(
      bench.device.owned.map((vb) => vb.planePayload(0)),
      [1, 2],
    );
    bench.device.owned.shift()?.done('DONE');
    bench.clock.advance(1);
    assert.deepEqual(
      bench.device.owned.map((vb) => vb.planePayload(0)),
      [2, 3],
    );
  });

  it('ends by itself when its function has enough, and with the device', () => {
    const bench = readable();
    const enough = new Vb2Thread(bench.q, () => false);
    bench.device.complete();
    bench.clock.advance(1);
    assert.ok(!enough.isRunning);
    assert.ok(!bench.q.isBusy());
    const other = new Vb2Thread(bench.q, () => true);
    bench.q.release();
    assert.ok(!other.isRunning);
  });
});

describe('Vb2Thread when something fails', () => {
  /** A thread whose third bufPrepare, at the first QBUF of its own, throws `thrown`. */
  function failing(thrown: unknown): { bench: Bench; thread: Vb2Thread<TestDevice> } {
    let prepared = 0;
    const bufPrepare = () => {
      if (prepared++ === 2) throw thrown;
    };
    const bench = readable({}, { ops: { bufPrepare } });
    return { bench, thread: new Vb2Thread(bench.q, () => true) };
  }

  function assertEnded(bench: Bench, thread: Vb2Thread<TestDevice>): void {
    assert.ok(!thread.isRunning);
    assert.ok(!bench.q.isBusy());
    assert.equal(bench.clock.timers.next(), Number.POSITIVE_INFINITY);
    withoutBugs(() => bench.reqbufs(1));
  }

  it('ends when a buffer cannot be queued again, and other timers go on', () => {
    const { bench, thread } = failing(new Errno(EINVAL));
    let fired = 0;
    bench.clock.timers.arm(new Timer(() => fired++), bench.clock.now() + 1);
    bench.device.complete();
    withoutBugs(() => bench.clock.advance(1));
    assert.equal(fired, 1);
    assertEnded(bench, thread);
  });

  it('ends, and reports it, when its function throws', () => {
    const bench = readable();
    const thread = new Vb2Thread(bench.q, () => {
      throw new TypeError('oops');
    });
    bench.device.complete();
    const bugs = bugsIn(() => bench.clock.advance(1));
    assert.equal(bugs.length, 1);
    assert.match(bugs[0] ?? '', /bench: Vb2Thread threw: TypeError: oops/);
    assertEnded(bench, thread);
  });

  it('leaves an idle queue behind when it cannot start', () => {
    const bench = writable();
    let filled = 0;
    const fill = () => {
      if (filled++ === 1) throw new Errno(EIO);
      return true;
    };
    withoutBugs(() => fails(EIO, () => new Vb2Thread(bench.q, fill)));
    assert.ok(!bench.q.isBusy());
    assert.ok(bench.q[STATE].dqbufWq.empty);
    assert.equal(bench.device.owned.length, 0);
    bench.reqbufs(1);
  });
});

describe('waitForAllBuffers', () => {
  it('sleeps while the driver works on a buffer, and is done when it has none', () => {
    const bench = queueStreaming(2);
    assert.equal(bench.q.waitForAllBuffers(bench.caller), WOULD_BLOCK);
    bench.device.complete();
    assert.equal(bench.q.waitForAllBuffers(bench.caller), WOULD_BLOCK);
    bench.device.complete();
    assert.equal(bench.q.waitForAllBuffers(bench.caller), 0);
  });

  it('does not sleep when nothing streams', () => {
    assert.equal(new Bench().q.waitForAllBuffers(new Bench().caller), 0);
  });
});
