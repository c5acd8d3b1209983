/** read() and write() on a queue that nobody streams from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { v4l2_exportbuffer } from '../../src/abi/index.ts';
import { EAGAIN, EBUSY, EFAULT, EINVAL, EIO, ENOMEM, Errno } from '../../src/base/errno.ts';
import { POLL_NOW, POLLIN, WOULD_BLOCK } from '../../src/vfs/file.ts';
import { VB2_MMAP, VB2_READ, vb2Expbuf, vb2FopRelease, vb2Poll } from '../../src/videobuf2/index.ts';
import { ADDRESS, frame, READABLE, read, readable, reading, writable, write } from '../support/vb2-fileio.ts';
import {
  Bench,
  FRAME,
  fails,
  queueStreaming,
  TestCaller,
  TestFile,
  type testOps,
  withoutBugs,
} from '../support/vb2-fixture.ts';

describe('read', () => {
  it('starts streaming and sleeps until there is a frame', () => {
    const bench = readable();
    assert.equal(read(bench, 100), WOULD_BLOCK);
    assert.ok(bench.caller.asleep);
    assert.equal(bench.device.owned.length, 2);
    frame(bench, 5);
    assert.equal(bench.caller.wakeUps, 1);
    bench.caller.awake();
    assert.equal(read(bench, 100), 100);
    assert.equal(bench.caller.memory.space[ADDRESS + 99], 5);
  });

  it('has one buffer more than the driver needs, and two at least', () => {
    for (const [minQueuedBuffers, count] of [
      [0, 2],
      [1, 2],
      [3, 4],
    ] as const)
      assert.equal(reading({ minQueuedBuffers }).device.owned.length, count);
  });

  it('says EAGAIN when there is no frame and the file does not block, and has begun all the same', () => {
    const bench = readable();
    bench.file.nonblocking = true;
    fails(EAGAIN, () => read(bench, 100));
    frame(bench, 1);
    assert.equal(read(bench, 100), 100);
  });

  it('never crosses the end of a frame', () => {
    const bench = reading();
    frame(bench, 1, 150);
    frame(bench, 2, 50);
    const space = bench.caller.memory.space;
    assert.deepEqual([read(bench, 100), read(bench, 100)], [100, 50]);
    assert.equal(read(bench, 100), 50);
    assert.equal(space[ADDRESS], 2);
  });

  it('gives the buffer back to the driver in the moment when its last byte is read', () => {
    const bench = reading();
    frame(bench, 1, 20);
    read(bench, 19);
    assert.equal(bench.device.owned.length, 1);
    read(bench, 19);
    assert.equal(bench.device.owned.length, 2);
  });

  it('reads the same bytes again when the memory of the program was bad', () => {
    const bench = reading();
    frame(bench, 7, 20);
    fails(EFAULT, () => read(bench, 10, 0x10));
    assert.equal(read(bench, 30), 20);
    assert.equal(bench.caller.memory.space[ADDRESS + 19], 7);
  });

  it('hands the plane itself to the program, without a copy in between', () => {
    const bench = reading();
    const plane = bench.vb(0).planeVaddr(0);
    const sources: Uint8Array[] = [];
    bench.caller.memory.write = (_address, source) => sources.push(source) && undefined;
    frame(bench, 1);
    read(bench, 10);
    read(bench, FRAME);
    assert.deepEqual(
      sources.map(({ buffer, byteOffset, length }) => [buffer === plane.buffer, byteOffset, length]),
      [
        [true, 0, 10],
        [true, 10, FRAME - 10],
      ],
    );
  });

  it('reads frames that the driver calls bad as well', () => {
    const bench = reading();
    frame(bench, 1, 30, 'ERROR');
    assert.equal(read(bench, 100), 30);
  });

  it('ends after one frame when the queue is read once', () => {
    const bench = reading({ fileioReadOnce: true });
    frame(bench, 1, 30);
    assert.equal(read(bench, 20), 20);
    assert.equal(read(bench, 100), 10);
    assert.ok(!bench.q.isBusy());
    assert.equal(bench.q.owner, bench.file);
    assert.equal(vb2Poll(bench.q, bench.file, POLLIN | POLL_NOW), READABLE);
    assert.equal(read(bench, 100), 0);
    assert.ok(!bench.q.isBusy());
  });

  it('begins again after the end when the queue is read once', () => {
    const bench = reading({ fileioReadOnce: true });
    frame(bench, 1, 30);
    read(bench, 100);
    read(bench, 100);
    assert.equal(read(bench, 100), WOULD_BLOCK);
    bench.caller.awake();
    frame(bench, 2, 40);
    assert.equal(read(bench, 100), 40);
  });

  const forgets: readonly (readonly [string, (bench: Bench) => unknown])[] = [
    ['the file is closed', (bench) => vb2FopRelease(bench.q, bench.file)],
    ['the program allocates buffers instead', (bench) => [bench.reqbufs(1), bench.reqbufs(0)]],
    ['the program creates buffers and removes them', (bench) => [bench.create(1), bench.remove(0, 1)]],
  ];
  for (const [when, what] of forgets) {
    it(`forgets that it is at the end when ${when}`, () => {
      const bench = reading({ fileioReadOnce: true });
      frame(bench, 1, 30);
      read(bench, 100);
      what(bench);
      assert.equal(read(bench, 100), WOULD_BLOCK);
    });
  }

  it('begins where the data begins when there is one plane in a multi-planar buffer', () => {
    const bench = readable({}, { sizes: [FRAME] });
    assert.equal(read(bench, 10), WOULD_BLOCK);
    bench.vb(0).planeVaddr(0)[4] = 44;
    (bench.vb(0).planes[0] as { dataOffset: number }).dataOffset = 4;
    bench.device.complete();
    assert.equal(read(bench, FRAME), FRAME - 4);
    assert.equal(bench.caller.memory.space[ADDRESS], 44);
  });

  const rows: readonly (readonly [string, number, () => unknown])[] = [
    ['the queue cannot be read', EINVAL, () => read(new Bench(), 10)],
    ['the queue is for output', EINVAL, () => read(writable(), 10)],
    [
      'another file owns the queue',
      EBUSY,
      () => {
        const bench = readable();
        bench.reqbufs(1);
        read(bench, 10, 0, new TestFile());
      },
    ],
    ['there is no memory to read to', EINVAL, () => read(readable(), 10, 0)],
    [
      'there is no memory to read to and buffers are allocated',
      EINVAL,
      () => {
        const bench = readable();
        bench.reqbufs(1);
        read(bench, 10, 0);
      },
    ],
    [
      'buffers are allocated',
      EBUSY,
      () => {
        const bench = readable();
        bench.reqbufs(1);
        read(bench, 10);
      },
    ],
    [
      'a program streams',
      EBUSY,
      () => read(queueStreaming(1, { config: { ioModes: VB2_MMAP | VB2_READ } }), 10),
    ],
    [
      'another thread sleeps in read()',
      EBUSY,
      () => {
        const bench = readable();
        read(bench, 10);
        read(bench, 10, ADDRESS, bench.file, new TestCaller());
      },
    ],
    [
      'another thread sleeps in read() and this one asks for nothing',
      EBUSY,
      () => {
        const bench = readable();
        read(bench, 10);
        read(bench, 0, ADDRESS, bench.file, new TestCaller());
      },
    ],
    ['frames have two planes', EBUSY, () => read(readable({}, { sizes: [9, 9] }), 10)],
    [
      'the CPU does not reach the memory',
      EBUSY,
      () => read(readable({}, { memOps: { vaddr: undefined as never } }), 10),
    ],
    [
      'there is no memory left',
      ENOMEM,
      () =>
        read(
          readable(
            {},
            {
              memOps: {
                alloc: () => {
                  throw new Errno(ENOMEM);
                },
              },
            },
          ),
          10,
        ),
    ],
    [
      'the queue has failed',
      EIO,
      () => {
        const bench = reading();
        bench.q.error();
        read(bench, 10);
      },
    ],
  ];
  for (const [when, code, body] of rows) it(`fails when ${when}`, () => fails(code, body));

  for (const op of ['bufPrepare', 'startStreaming'] as const) {
    it(`leaves an idle queue when ${op} fails`, () => {
      const fault = () => {
        throw new Errno(EIO);
      };
      const startStreaming: NonNullable<(typeof testOps)['startStreaming']> = (q) => {
        q.drvPriv.giveAllBack('QUEUED');
        fault();
      };
      const ops = op === 'bufPrepare' ? { bufPrepare: fault } : { startStreaming };
      const bench = readable({}, { ops });
      withoutBugs(() => fails(EIO, () => read(bench, 10)));
      assert.equal(bench.q.numBuffers, 0);
      assert.equal(bench.q.owner, undefined);
      assert.ok(!bench.q.isStreaming());
    });
  }
});

describe('a queue that is read', () => {
  it('belongs to the reader, and is busy for every streaming ioctl', () => {
    const bench = reading();
    assert.equal(bench.q.owner, bench.file);
    const exp = Object.assign(v4l2_exportbuffer.make(), { type: bench.type });
    const memOps = { getDmabuf: () => 3 };
    Object.assign(bench.q.memOps, memOps);
    for (const body of [
      () => bench.reqbufs(1),
      () => bench.reqbufs(0),
      () => bench.create(1),
      () => bench.prepare(0),
      () => bench.qbuf(0),
      () => bench.dqbuf(),
      () => bench.streamon(),
      () => bench.streamoff(),
      () => vb2Expbuf(bench.q, bench.file, exp, bench.caller),
    ]) {
      fails(EBUSY, body, String(body));
    }
  });

  it('is free again when the reader closes, and not before', () => {
    const bench = reading();
    const other = new TestFile();
    fails(EBUSY, () => read(bench, 10, ADDRESS, other));
    withoutBugs(() => vb2FopRelease(bench.q, bench.file));
    assert.equal(bench.q.owner, undefined);
    bench.reqbufs(1, other);
  });
});

describe('write', () => {
  it('fills a buffer and queues it when it is full', () => {
    const bench = writable();
    bench.caller.memory.space.fill(3, ADDRESS, ADDRESS + FRAME);
    assert.deepEqual([write(bench, 4000), bench.device.owned.length], [4000, 0]);
    assert.deepEqual([write(bench, 4000), bench.device.owned.length], [FRAME - 4000, 1]);
    const [vb] = bench.device.owned;
    assert.deepEqual([vb?.planePayload(0), vb?.planeVaddr(0)[FRAME - 1]], [FRAME, 3]);
  });

  it('uses every buffer once and then waits for the device', () => {
    const bench = writable();
    assert.deepEqual([write(bench, FRAME), write(bench, FRAME)], [FRAME, FRAME]);
    bench.file.nonblocking = true;
    fails(EAGAIN, () => write(bench, FRAME));
    bench.device.complete();
    assert.equal(write(bench, FRAME), FRAME);
  });

  it('makes a frame of every call when the queue says so', () => {
    const bench = writable({ fileioWriteImmediately: true });
    write(bench, 12);
    assert.equal(bench.device.owned[0]?.planePayload(0), 12);
  });

  it('fails with EFAULT and forgets nothing when the memory is bad', () => {
    const bench = writable();
    write(bench, 10);
    fails(EFAULT, () => write(bench, 10, 0x10));
    assert.equal(write(bench, FRAME), FRAME - 10);
  });

  it('fails when the queue cannot be written', () => fails(EINVAL, () => write(readable(), 10)));
});
