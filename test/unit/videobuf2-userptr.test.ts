/** Buffers in the memory of the program. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { V4L2_MEMORY_USERPTR, type v4l2_buffer, v4l2_plane } from '../../src/abi/index.ts';
import { EFAULT, EINVAL, EIO, Errno } from '../../src/base/errno.ts';
import type { UserAddress } from '../../src/vfs/file.ts';
import { vb2FopRelease, vb2PrepareBuf, vb2Qbuf } from '../../src/videobuf2/index.ts';
import { Bench, type BenchOptions, FRAME, fails, testOps, withoutBugs } from '../support/vb2-fixture.ts';

const HERE = 0x2ff8;
const THERE = 0x8000;
/** With a tag of the kind that arm64 programs put there. */
const TAGGED = (0xb4n << 56n) | BigInt(HERE);

function userptr(options: BenchOptions = {}, buffers = 2): Bench {
  const bench = new Bench({ memory: V4L2_MEMORY_USERPTR, ...options });
  bench.reqbufs(buffers);
  return bench;
}

function at(bench: Bench, index: number, address: UserAddress, length = FRAME): v4l2_buffer {
  const b = bench.buf(index);
  b.m.userptr = address;
  b.length = length;
  return b;
}

function qbuf(bench: Bench, index: number, address: UserAddress, length = FRAME): v4l2_buffer {
  const b = at(bench, index, address, length);
  vb2Qbuf(bench.q, bench.file, b, bench.caller);
  return b;
}

function streaming(options: BenchOptions = {}): Bench {
  const bench = userptr(options);
  qbuf(bench, 0, HERE);
  qbuf(bench, 1, THERE);
  bench.streamon();
  return bench;
}

const pinned = (bench: Bench) => bench.caller.memory.pinned;

function assertBalanced(bench: Bench): void {
  assert.equal(pinned(bench), 0, 'all memory is released');
  const count = (name: string) => bench.device.log.filter((line) => line.startsWith(name)).length;
  assert.equal(count('bufInit'), count('bufCleanup'), 'bufInit and bufCleanup');
}

describe('QBUF of a user pointer', () => {
  it('tells where the buffer is and how long', () => {
    const b = qbuf(userptr(), 0, HERE, FRAME + 3);
    assert.deepEqual([b.m.userptr, b.length, b.memory], [HERE, FRAME + 3, V4L2_MEMORY_USERPTR]);
  });

  it('takes and gives back a pointer with all of its bits when it has a tag', () => {
    const bench = userptr();
    const b = qbuf(bench, 0, TAGGED);
    assert.equal(b.m.userptr, TAGGED);
    assert.equal(pinned(bench), 1);
    assert.equal(bench.querybuf(0).m.userptr, TAGGED);
  });

  it('fails with EINVAL when the memory is smaller than the plane', () => {
    const bench = userptr();
    fails(EINVAL, () => qbuf(bench, 0, HERE, FRAME - 1));
    assert.equal(bench.caller.memory.pins, 0);
    assertBalanced(bench);
  });

  for (const [what, address] of [
    ['NULL', 0],
    ['not mapped', 0xead_b000],
    ['mapped only in its first bytes', (1 << 20) - FRAME + 1],
  ] as const) {
    it(`fails with EFAULT when the pointer is ${what}, for PREPARE_BUF too`, () => {
      const bench = userptr();
      fails(EFAULT, () => qbuf(bench, 0, address));
      fails(EFAULT, () => vb2PrepareBuf(bench.q, bench.file, at(bench, 0, address), bench.caller));
      assert.equal(bench.vb(0).state, 'DEQUEUED');
      assertBalanced(bench);
    });
  }

  const both: readonly (readonly [string, number, (bench: Bench) => void, number?])[] = [
    ['the memory is too small and not mapped', EINVAL, () => {}, 1],
    ['the queue has failed and the memory is not mapped', EIO, (bench) => bench.q.error()],
    ['the buffer is queued and the memory is not mapped', EINVAL, (bench) => void qbuf(bench, 0, HERE)],
  ];
  for (const [when, code, before, length] of both) {
    it(`says what the kernel says first when ${when}`, () => {
      const bench = userptr();
      before(bench);
      fails(code, () => qbuf(bench, 0, 0, length));
    });
  }

  it('asks the driver about an output frame before it looks at the memory', () => {
    const bufOutValidate = () => {
      throw new Errno(EIO);
    };
    fails(EIO, () => qbuf(userptr({ output: true, ops: { bufOutValidate } }), 0, 0));
  });

  it('takes the memory once when pointer and length stay the same', () => {
    const bench = streaming();
    for (let i = 0; i < 6; i++) {
      bench.device.complete();
      const { index, m } = bench.dqbuf();
      qbuf(bench, index, m.userptr);
    }
    assert.equal(bench.caller.memory.pins, 2);
    assert.equal(bench.device.log.filter((line) => line.startsWith('bufInit')).length, 2);
  });

  for (const [what, address, length] of [
    ['pointer', THERE, FRAME],
    ['length', HERE, FRAME + 8],
  ] as const) {
    it(`lets the old memory go and takes the new when the ${what} changes`, () => {
      const bench = streaming();
      bench.device.complete();
      bench.dqbuf();
      bench.device.log.length = 0;
      qbuf(bench, 0, address, length);
      assert.deepEqual(bench.device.log, ['bufCleanup 0', 'bufInit 0', 'bufPrepare 0']);
      assert.deepEqual([bench.caller.memory.pins, pinned(bench)], [3, 2]);
    });
  }

  it('ignores pointer and length when the buffer is prepared, and says what they are', () => {
    const bench = userptr();
    vb2PrepareBuf(bench.q, bench.file, at(bench, 0, HERE), bench.caller);
    const b = qbuf(bench, 0, 0, 0);
    assert.deepEqual([b.m.userptr, b.length], [HERE, FRAME]);
    assert.equal(bench.caller.memory.pins, 1);
  });

  it('lets all planes go when the second one fails', () => {
    const bench = userptr({ sizes: [16, 16] });
    bench.caller.memory.failPin = 1;
    const planes = [v4l2_plane.make(), v4l2_plane.make()];
    planes.forEach((plane, n) => {
      plane.m.userptr = HERE + n * 64;
      plane.length = 16;
    });
    const b = bench.buf(0);
    b.length = 2;
    fails(EFAULT, () => vb2Qbuf(bench.q, bench.file, b, bench.caller, planes));
    assertBalanced(bench);
    vb2Qbuf(bench.q, bench.file, b, bench.caller, planes);
    assert.equal(pinned(bench), 2);
  });

  for (const op of ['bufInit', 'bufPrepare'] as const) {
    it(`lets the memory go when ${op} fails, and works the next time`, () => {
      let failing = true;
      const bench = userptr({
        ops: {
          [op]: (vb: never) => {
            if (failing) throw new Errno(EIO);
            testOps[op](vb);
          },
        },
      });
      withoutBugs(() => fails(EIO, () => qbuf(bench, 0, HERE)));
      assert.equal(pinned(bench), 0);
      failing = false;
      qbuf(bench, 0, HERE);
      assert.equal(pinned(bench), 1);
      withoutBugs(() => bench.reqbufs(0));
      assert.equal(pinned(bench), 0);
    });
  }
});

describe('a frame in user memory', () => {
  it('is written into exactly bytesused bytes, when the driver is done with it', () => {
    const bench = streaming();
    const { space, moved } = bench.caller.memory;
    space.fill(0xee);
    const vb = bench.device.owned.shift();
    vb?.planeVaddr(0).fill(0x11);
    vb?.setPlanePayload(0, 100);
    assert.deepEqual(moved, []);
    vb?.done('DONE');
    assert.deepEqual(moved, ['flush 100']);
    assert.ok(space.subarray(HERE, HERE + 100).every((byte) => byte === 0x11));
    assert.deepEqual([space[HERE - 1], space[HERE + 100]], [0xee, 0xee]);
  });

  it('is fetched before bufPrepare when the queue is for output, and never written back', () => {
    let seen = -1;
    const bench = userptr({
      output: true,
      ops: {
        bufPrepare: (vb) => {
          seen = vb.planeVaddr(0)[7] ?? -1;
        },
      },
    });
    bench.caller.memory.space[HERE + 7] = 0x42;
    const b = at(bench, 0, HERE);
    b.bytesused = 9;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    assert.equal(seen, 0x42);
    bench.streamon();
    bench.device.complete();
    bench.dqbuf();
    assert.deepEqual(bench.caller.memory.moved, ['fetch 9']);
  });

  it('is not written when the driver was stopped before it came to the buffer', () => {
    const bench = streaming();
    bench.streamoff();
    assert.deepEqual(bench.caller.memory.moved, []);
  });

  it('is written when the driver says that the frame is bad', () => {
    const bench = streaming();
    bench.device.complete('ERROR');
    assert.deepEqual(bench.caller.memory.moved, [`flush ${FRAME}`]);
  });
});

describe('user memory', () => {
  it('is released by STREAMOFF for every queued and done buffer, and taken again by the next QBUF', () => {
    const bench = streaming();
    bench.streamoff();
    assert.equal(pinned(bench), 0);
    qbuf(bench, 0, HERE);
    assert.equal(pinned(bench), 1);
  });

  it('is still told by QUERYBUF after STREAMOFF has let it go', () => {
    const bench = userptr();
    qbuf(bench, 0, HERE, FRAME + 8);
    bench.streamon();
    bench.streamoff();
    assert.equal(pinned(bench), 0);
    const { m, length } = bench.querybuf(0);
    assert.deepEqual([m.userptr, length], [HERE, FRAME + 8]);
  });

  const afterStreamoff: readonly (readonly [string, (bench: Bench) => void])[] = [
    ['REQBUFS(0)', (bench) => bench.reqbufs(0)],
    ['REQBUFS of others', (bench) => bench.reqbufs(1)],
    ['REMOVE_BUFS', (bench) => bench.remove(0, 2)],
    ['close', (bench) => vb2FopRelease(bench.q, bench.file)],
  ];
  const whileStreaming: typeof afterStreamoff = [
    ['close while streaming', (bench) => vb2FopRelease(bench.q, bench.file)],
    ['the end of the device', (bench) => bench.q.release()],
  ];

  /** A stream of two buffers; the program has the first, whose memory stays taken for the next QBUF. */
  function oneDequeued(): Bench {
    const bench = streaming();
    bench.device.complete();
    assert.equal(bench.dqbuf().index, 0);
    assert.equal(pinned(bench), 2);
    return bench;
  }

  for (const [what, end] of afterStreamoff) {
    it(`is released by ${what}`, () => {
      const bench = oneDequeued();
      bench.streamoff();
      assert.equal(pinned(bench), 1, 'the buffer that was dequeued');
      withoutBugs(() => end(bench));
      assertBalanced(bench);
    });
  }

  for (const [what, end] of whileStreaming) {
    it(`is released by ${what}`, () => {
      const bench = oneDequeued();
      withoutBugs(() => end(bench));
      assertBalanced(bench);
    });
  }
});
