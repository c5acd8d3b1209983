/** videobuf: what its document says and the transcripts do not show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as uc from 'usercam';
import { type DmaSegment, Mutex, VideobufBuffer } from 'usercam';

import {
  buffer,
  code,
  dqbuf,
  finish,
  mapped,
  now,
  qbuf,
  queueOf,
  reqbufs,
  SIZE,
  start,
  streaming,
  streamoff,
  streamon,
  WRITE_SHARED,
} from '../support/videobuf-rig.ts';

/** Pinned memory is another place than the program's, as in another process; gives for each pin whether it was to be written. */
function pinElsewhere({ memory }: uc.Program): boolean[] {
  const pins: boolean[] = [];
  (memory as uc.UserMemory).pin = (address, length, written) => {
    pins.push(written);
    const bytes = new Uint8Array(length);
    const fetch = (count: number) => {
      memory.read(address, bytes.subarray(0, count));
      return true;
    };
    const flush = (count: number) => {
      memory.write(address, bytes.subarray(0, count));
      return true;
    };
    return { bytes, fetch, flush, release: () => {} };
  };
  return pins;
}

test('videobufToDma gives a scatter list that covers the frame, in pieces where addresses are', () => {
  const q = queueOf('dma-sg');
  const holes = [1, 2, 3].map(() => q.privData.arena.mapContiguous({ bytes: new Uint8Array(4096) }, 4096));
  q.privData.arena.unmap(holes[0] as uc.DmaRange);
  q.privData.arena.unmap(holes[2] as uc.DmaRange);
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  const { bytes } = mapped(q, 0);
  assert.equal(qbuf(q, 0), 0);
  const dma = uc.videobufToDma(q.bufs[0] as VideobufBuffer);
  assert.deepEqual([dma.sglen, dma.sglist.map((piece) => piece.bytes.length)], [2, [4096, SIZE - 4096]]);
  (dma.sglist[1] as DmaSegment).bytes[0] = 7;
  assert.equal(bytes[4096], 7);
});

test('a scatter list that the driver makes after reqbufs is left alone', () => {
  const q = queueOf('dma-sg');
  reqbufs(q, 1, uc.V4L2_MEMORY_USERPTR);
  const dma = uc.videobufToDma(q.bufs[0] as VideobufBuffer);
  const sglist = [{ address: 4096 as uc.PhysicalAddress, bytes: new Uint8Array(SIZE) }];
  dma.sglist = sglist;
  dma.sglen = 1;
  assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR), 0);
  assert.equal(dma.sglist, sglist);
  streamon(q);
  assert.equal(streamoff(q).result, 0);
  assert.equal(dma.sglen, 1);
});

test('overlay buffers lie in the video memory that iolock is given', () => {
  const fbuf = uc.v4l2_framebuffer.make();
  fbuf.base = 0x100000;
  const q = queueOf('dma-sg', {
    bufPrepare(queue, vb) {
      vb.size = SIZE;
      uc.videobufIolock(queue, vb, fbuf);
      vb.state = 'PREPARED';
    },
  });
  reqbufs(q, 1, uc.V4L2_MEMORY_OVERLAY);
  const b = buffer(q, 0, uc.V4L2_MEMORY_OVERLAY);
  b.m.offset = 0x2000;
  assert.equal(
    now(q, (caller) => uc.videobufQbuf(q, b, caller)),
    0,
  );
  assert.equal(uc.videobufToDma(q.bufs[0] as VideobufBuffer).busAddr, 0x102000);
  assert.equal(
    code(() => uc.videobufMmapMapper(q, { offset: 0x2000, length: SIZE, ...WRITE_SHARED })),
    'EINVAL',
  );
});

test('a contiguous allocation fails when there is no hole for it, and leaves nothing mapped', () => {
  const q = queueOf('dma-contig', {}, { arenaSize: 4 * 4096 });
  const pages = [0, 1, 2, 3].map(() => q.privData.arena.mapContiguous({ bytes: new Uint8Array(4096) }, 4096));
  q.privData.arena.unmap(pages[0] as uc.DmaRange);
  q.privData.arena.unmap(pages[2] as uc.DmaRange);
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  assert.equal(
    code(() => mapped(q, 0)),
    'ENOMEM',
  );
  assert.equal(q.bufs[0]?.map, undefined);
  q.privData.arena.unmap(pages[1] as uc.DmaRange);
  mapped(q, 0);
  assert.equal(qbuf(q, 0), 0);
  assert.equal(typeof uc.videobufToDmaContig(q.bufs[0] as VideobufBuffer), 'number');
});

test('contiguous buffers take memory of the program that is in one piece: within a page', () => {
  const q = queueOf('dma-contig', {
    bufPrepare(queue, vb) {
      vb.size = 100;
      uc.videobufIolock(queue, vb);
      vb.state = 'PREPARED';
    },
  });
  reqbufs(q, 2, uc.V4L2_MEMORY_USERPTR);
  const { address } = q.privData.program.alloc(1 << 16);
  const page = Math.ceil(address / 4096) * 4096;
  assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR, page), 0);
  assert.equal(qbuf(q, 1, uc.V4L2_MEMORY_USERPTR, page + 4090), -uc.EINVAL);
  streamon(q);
  finish(q);
  assert.equal(dqbuf(q).result, 0);
});

for (const kind of ['dma-sg', 'dma-contig'] as const)
  test(`what a program has in its memory reaches an output at each QBUF, and is left alone: ${kind}`, () => {
    const length = 100;
    const q = queueOf(
      kind,
      {
        bufPrepare(queue, vb) {
          vb.size = length;
          if (vb.state === 'NEEDS_INIT') uc.videobufIolock(queue, vb);
          vb.state = 'PREPARED';
        },
      },
      { type: uc.V4L2_BUF_TYPE_VIDEO_OUTPUT },
    );
    const { program, arena } = q.privData;
    const pins = pinElsewhere(program);
    reqbufs(q, 1, uc.V4L2_MEMORY_USERPTR);
    streamon(q);
    const { address } = program.alloc(1 << 14);
    const page = Math.ceil(address / 4096) * 4096;
    for (const value of [1, 2]) {
      program.memory.write(page, new Uint8Array(length).fill(value));
      assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR, page), 0);
      const vb = q.bufs[0] as VideobufBuffer;
      const contiguous = () => uc.videobufToDmaContig(vb) as uc.PhysicalAddress;
      const at = kind === 'dma-sg' ? uc.videobufToDma(vb).sglist[0]?.address : contiguous();
      const seen = arena.bytesAt(at as uc.PhysicalAddress, length);
      assert.ok(seen.every((byte) => byte === value));
      seen.fill(9);
      finish(q);
      assert.equal(dqbuf(q).result, 0);
      const kept = new Uint8Array(length);
      program.memory.read(page, kept);
      assert.ok(kept.every((byte) => byte === value));
    }
    assert.deepEqual(pins, [false]);
  });

test('a driver has buffers of its own class', () => {
  class MyBuffer extends VideobufBuffer {
    extra = 42;
  }
  const seen: number[] = [];
  const q = queueOf(
    'vmalloc',
    {
      bufQueue(_q, vb) {
        seen.push((vb as MyBuffer).extra);
        vb.state = 'QUEUED';
      },
    },
    { buffer: MyBuffer },
  );
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  mapped(q, 0);
  qbuf(q, 0);
  streamon(q);
  assert.deepEqual(seen, [42]);
});

test('videobufNextField turns with V4L2_FIELD_ALTERNATE, and not else', () => {
  const alternate = queueOf('vmalloc', {}, { field: uc.V4L2_FIELD_ALTERNATE });
  const fields = [1, 2, 3].map(() => uc.videobufNextField(alternate));
  assert.deepEqual(fields, [uc.V4L2_FIELD_TOP, uc.V4L2_FIELD_BOTTOM, uc.V4L2_FIELD_TOP]);
  assert.equal(uc.videobufNextField(queueOf('vmalloc')), uc.V4L2_FIELD_NONE);
});

test('videobufQueueIsBusy says so from QBUF or mmap on, not from REQBUFS', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  assert.equal(uc.videobufQueueIsBusy(q), false);
  mapped(q, 0);
  assert.equal(uc.videobufQueueIsBusy(q), true);
});

test('a driver that reads by itself begins with videobufReadStart and ends with videobufReadStop', () => {
  const q = queueOf('vmalloc');
  q.background.run(uc.videobufReadStart(q));
  assert.deepEqual([q.reading, q.privData.list.length], [true, 2]);
  assert.equal(streamon(q), -uc.EBUSY);
  q.background.run(uc.videobufReadStop(q));
  assert.deepEqual([q.reading, q.privData.list.length, streamon(q)], [false, 0, 0]);
});

test('with an external lock a sleep on a buffer lets others in, and STREAMOFF ends it', () => {
  const { q } = streaming('vmalloc', {}, { extLock: new Mutex() });
  const sleeper = dqbuf(q);
  assert.equal(sleeper.result, undefined);
  const b = buffer(q, 1, uc.V4L2_MEMORY_MMAP);
  assert.equal(
    now(q, (caller) => uc.videobufQuerybuf(q, b, caller)),
    0,
  );
  assert.equal(streamoff(q).result, 0);
  assert.equal(sleeper.result, -uc.EINVAL);
});

test('with an external lock a sleep on an empty stream lets nobody in', () => {
  const q = queueOf('vmalloc', {}, { extLock: new Mutex() });
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  streamon(q);
  const sleeper = dqbuf(q);
  const b = buffer(q, 0, uc.V4L2_MEMORY_MMAP);
  const other = start(q, (caller) => uc.videobufQuerybuf(q, b, caller));
  assert.equal(other.result, undefined);
  sleeper.interrupt();
  assert.deepEqual([sleeper.result, other.result], [-uc.EINTR, 0]);
});

test('who waits for an ACTIVE buffer in STREAMOFF cannot be interrupted, and gets his answer', () => {
  const { q } = streaming('vmalloc');
  (q.bufs[0] as VideobufBuffer).state = 'ACTIVE';
  const waiting = streamoff(q);
  waiting.interrupt();
  assert.equal(waiting.result, undefined);
  finish(q);
  assert.equal(waiting.result, 0);
  assert.equal(q.streaming, false);
});

test('the end of a mapping waits for the lock, and cancels the stream then', () => {
  const { q, mappings } = streaming('vmalloc');
  const sleeper = dqbuf(q);
  mappings[1].unmapped();
  assert.deepEqual([q.streaming, mappings[1].isOver], [true, false]);
  finish(q);
  assert.equal(sleeper.result, 0);
  q.privData.clock.advance(0);
  assert.deepEqual([q.streaming, mappings[1].isOver, q.bufs[1]?.map], [false, true, undefined]);
});

test('a device that goes wakes who waits, and they hear EINVAL', () => {
  const { q } = streaming('vmalloc');
  const asleep = dqbuf(q);
  q.vanish();
  assert.deepEqual([asleep.result, dqbuf(q).result], [-uc.EINVAL, -uc.EINVAL]);
});

test('waitqueueActive: a sleeper, or a file that somebody polls and that has asked for the head', () => {
  const { q } = streaming('vmalloc');
  const [head, second] = q.bufs as [VideobufBuffer, VideobufBuffer];
  assert.equal(uc.waitqueueActive(head), false);
  const sleeper = dqbuf(q);
  assert.deepEqual([uc.waitqueueActive(head), uc.waitqueueActive(second)], [true, false]);
  sleeper.interrupt();
  const file = new uc.File({} as uc.CharDevice, () => true);
  uc.videobufPollStream(file, q, uc.POLLIN);
  assert.equal(uc.waitqueueActive(head), false);
  file.pollWait.add(() => {});
  assert.deepEqual([uc.waitqueueActive(head), uc.waitqueueActive(second)], [true, false]);
});

test('the last close: videobufStop ends what goes on, videobufMmapFree frees, and refuses while something is mapped', () => {
  const { q, mappings } = streaming('vmalloc');
  q.background.run(uc.videobufStop(q));
  assert.deepEqual([q.streaming, q.privData.list.length], [false, 0]);
  const free = uc.videobufMmapFree(q);
  assert.equal(
    code(() => free.next()),
    'EBUSY',
  );
  for (const mapping of mappings) mapping.unmapped();
  q.background.run(uc.videobufMmapFree(q));
  assert.ok(q.bufs.every((vb) => vb === undefined));
});
