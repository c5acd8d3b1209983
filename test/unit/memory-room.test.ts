/** Planes that are larger than what the machine can give, and those that are just large. */
import assert from 'node:assert/strict';
import { fstatSync } from 'node:fs';
import { describe, it } from 'node:test';
import { V4L2_MEMORY_MMAP } from '../../src/abi/index.ts';
import { ENOMEM } from '../../src/base/errno.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { memfdPagesIn } from '../../src/memory/memfd.ts';
import { heapPagesIn, type PageAllocator } from '../../src/memory/pages.ts';
import { MemoryRoom } from '../../src/memory/room.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { mmapCookie } from '../../src/videobuf2/cookies.ts';
import { Bench, fails } from '../support/vb2-fixture.ts';

const MB = 1 << 20;
const LARGE = 40 * MB;
const LARGEST = 0xffff_f000;
const COOKIE = mmapCookie(1, 0);

const allocators: readonly (readonly [string, (room: MemoryRoom) => PageAllocator])[] = [
  ['memfd', memfdPagesIn],
  ['heap', heapPagesIn],
];

for (const [name, pagesIn] of allocators) {
  describe(`a plane in a ${name}`, () => {
    it('is refused with ENOMEM when the machine has less, and it counts what was promised before', () => {
      const pages = pagesIn(new MemoryRoom(() => 128 * MB + 2 * LARGE));
      fails(ENOMEM, () => pages.allocate(LARGEST, 0));
      const planes = [pages.allocate(LARGE, 0), pages.allocate(LARGE, COOKIE)];
      fails(ENOMEM, () => pages.allocate(LARGE, 0));
      for (const plane of planes) plane.free();
      pages.allocate(2 * LARGE, 0).free();
    });

    it('is taken without a question when it is of a usual size', () => {
      const asked = () => assert.fail('the machine is asked');
      pagesIn(new MemoryRoom(asked))
        .allocate(4 * MB, 0)
        .free();
    });
  });
}

it('a large plane in a memfd takes no memory until it is touched, and is all there', () => {
  const plane = memfdPagesIn(new MemoryRoom(() => 8192 * MB)).allocate(LARGE, COOKIE);
  assert.equal(fstatSync(plane.fd).blocks, 0);
  assert.equal(fstatSync(plane.fd).size, COOKIE + LARGE);
  plane.bytes[LARGE - 1] = 7;
  assert.deepEqual([plane.bytes[0], plane.bytes[LARGE - 1], plane.bytes.length], [0, 7, LARGE]);
  plane.free();
});

it('CREATE_BUFS answers ENOMEM when there is no room for one buffer, and gives as many as there is room for', () => {
  const memOps = vmallocMemOps(heapPagesIn(new MemoryRoom(() => 128 * MB + 2 * LARGE))) as Vb2MemOps;
  const bench = new Bench({ memory: V4L2_MEMORY_MMAP, memOps });
  fails(ENOMEM, () => bench.create(4, LARGEST));
  assert.equal(bench.create(4, LARGE).count, 2);
  bench.reqbufs(0);
  assert.equal(bench.create(2, LARGE).count, 2);
});
