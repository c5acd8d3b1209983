/** videobuf: what a driver can do wrong, and what only crashed Linux 6.1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as uc from 'usercam';
import { Errno, type VideobufBuffer } from 'usercam';

import {
  bugsIn,
  code,
  mapped,
  now,
  qbuf,
  queueOf,
  reqbufs,
  SIZE,
  streaming,
  streamoff,
  streamon,
} from '../support/videobuf-rig.ts';

test('bufQueue that takes the irqlock is reported as the deadlock that it was', () => {
  const bugs = bugsIn(() => {
    streaming('vmalloc', {
      bufQueue(q, vb) {
        q.privData.irqlock.lock('my bufQueue');
        vb.state = 'QUEUED';
        q.privData.irqlock.unlock();
      },
    });
  });
  assert.equal(bugs.length, 2);
  assert.match(bugs[0] as string, /my bufQueue takes a spinlock that is held: a deadlock in the kernel/);
});

test('states that a driver forgets to set are reported and set', () => {
  const bugs = bugsIn(() => {
    const { q } = streaming('vmalloc', {
      bufPrepare(queue, vb) {
        vb.size = SIZE;
        uc.videobufIolock(queue, vb);
      },
      bufQueue: () => {},
      *bufRelease() {},
    });
    assert.deepEqual([q.bufs[0]?.state, q.bufs[1]?.state], ['QUEUED', 'QUEUED']);
    assert.equal(streamoff(q).result, 0);
    assert.equal(q.bufs[0]?.state, 'NEEDS_INIT');
  });
  assert.match(bugs[0] as string, /bufPrepare left buffer 0 in NEEDS_INIT/);
  assert.match(bugs[2] as string, /bufQueue left buffer 0 in PREPARED/);
  assert.match(bugs.at(-1) as string, /bufRelease left buffer 1 in ERROR/);
});

test('what an op throws that must not fail is a bug of the driver, and streaming goes on', () => {
  const bugs = bugsIn(() => {
    const { q } = streaming('vmalloc', {
      bufQueue(_q, vb) {
        vb.state = 'QUEUED';
        throw new Errno(uc.EIO, 'no');
      },
      bufPrepare(queue, vb) {
        vb.size = SIZE;
        uc.videobufIolock(queue, vb);
        vb.state = 'PREPARED';
      },
    });
    assert.equal(streamoff(q).result, 0);
  });
  assert.equal(bugs.length, 2);
  assert.match(bugs[0] as string, /bufQueue threw, but must not fail/);
});

test('a mapping that is too short for a frame is refused at QBUF, where Linux 6.1 wrote behind it', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  mapped(q, 0, 4096);
  assert.equal(qbuf(q, 0), -uc.EINVAL);
});

test('poll does not throw away buffers that are queued, as Linux 6.1 did and died of it', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_USERPTR);
  assert.equal(qbuf(q, 0, uc.V4L2_MEMORY_USERPTR, 0), 0);
  const file = new uc.File({} as uc.CharDevice, () => true);
  assert.equal(uc.videobufPollStream(file, q, uc.POLLIN | uc.POLL_NOW), uc.POLLERR);
  assert.equal(q.stream.length, 1);
});

test('a bufPrepare that fails while a read starts leaves nothing behind, as Linux 6.1 did', () => {
  let left = 2;
  const q = queueOf('vmalloc', {
    bufSetup(_q, setup) {
      setup.count = 4;
      setup.size = SIZE;
    },
    bufPrepare(queue, vb) {
      if (left-- === 0) throw new Errno(uc.EIO, 'once');
      vb.size = SIZE;
      uc.videobufIolock(queue, vb);
      vb.state = 'PREPARED';
    },
  });
  const { address } = q.privData.program.alloc(SIZE);
  const request = { data: address, count: SIZE, nonblocking: true };
  const read = () => now(q, (caller) => uc.videobufReadStream(q, request, false, caller));
  assert.equal(read(), -uc.EIO);
  assert.deepEqual([q.stream.length, q.bufs.every((vb) => vb === undefined)], [0, true]);
  assert.equal(read(), -uc.EAGAIN);
  assert.equal(q.privData.list.length, 4);
});

test('functions of one kind say so when they are given a buffer of another', () => {
  const q = queueOf('vmalloc');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  const vb = q.bufs[0] as VideobufBuffer;
  const bugs = bugsIn(() => {
    assert.equal(
      code(() => uc.videobufToDma(vb)),
      'EINVAL',
    );
    assert.equal(
      code(() => uc.videobufToDmaContig(vb)),
      'EINVAL',
    );
  });
  assert.equal(bugs.length, 2);
});

test('a scattered buffer that was unmapped while it was queued is not queued twice, as Linux 6.1 did', () => {
  const q = queueOf('dma-sg');
  reqbufs(q, 1, uc.V4L2_MEMORY_MMAP);
  const mapping = mapped(q, 0);
  assert.equal(qbuf(q, 0), 0);
  mapping.unmapped();
  mapped(q, 0);
  assert.equal(qbuf(q, 0), -uc.EINVAL);
  streamon(q);
  assert.equal(streamoff(q).result, 0);
  assert.equal(qbuf(q, 0), 0);
});
