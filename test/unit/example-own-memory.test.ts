import assert from 'node:assert/strict';
import { test } from 'node:test';
import { V4L2_MEMORY_USERPTR } from '../../src/abi/index.ts';
import { EINVAL, ENOMEM } from '../../src/base/errno.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { heapPages, type PageAllocator } from '../../src/memory/pages.ts';
import { MAP_SHARED, PROT_READ } from '../../src/vfs/file.ts';
import { vb2Mmap } from '../../src/videobuf2/index.ts';
import { Bench, FRAME, fails, withoutBugs } from '../support/vb2-fixture.ts';

interface OwnMemory {
  cardMemOps(config: { banks: number; bankBytes: number; pages: PageAllocator }): Vb2MemOps;
}

// Examples stand beside the tests, not below them, so the compiled file is loaded by its place.
const place = new URL('../../examples/own-memory.js', import.meta.url).href;
const { cardMemOps } = (await import(place)) as OwnMemory;

function card(banks: number, bankBytes = FRAME) {
  return new Bench({ memOps: cardMemOps({ banks, bankBytes, pages: heapPages }) });
}

const bankOf = (bench: Bench, index: number) => (bench.vb(index).planeCookie(0) as { bank: number }).bank;

test('cardMemOps gives as many buffers as there are banks, each another one', () => {
  const bench = card(3);
  assert.equal(bench.reqbufs(8).count, 3);
  assert.deepEqual(
    [0, 1, 2].map((index) => bankOf(bench, index)),
    [0, 1, 2],
  );
  fails(ENOMEM, () => bench.create(1));
});

test('cardMemOps gives a bank to the next buffer when its own is freed', () => {
  const bench = card(2);
  bench.reqbufs(2);
  bench.remove(0, 1);
  assert.equal(bankOf(bench, bench.create(1).index), 0);
  withoutBugs(() => bench.reqbufs(0));
  assert.equal(bench.reqbufs(8).count, 2);
});

test('cardMemOps has no room for a frame when it is larger than a bank', () => {
  fails(ENOMEM, () => card(2, FRAME - 1).reqbufs(1));
});

test('cardMemOps streams, and shows its frames in the mapping', () => {
  const bench = card(2);
  bench.reqbufs(1);
  const { bytes } = vb2Mmap(bench.q, { offset: 0, length: FRAME, prot: PROT_READ, flags: MAP_SHARED });
  bench.qbuf(0);
  bench.streamon();
  bench.vb(0).planeVaddr(0).fill(4);
  bench.device.complete();
  assert.equal(bench.dqbuf().bytesused, FRAME);
  assert.equal(bytes[FRAME - 1], 4);
});

test('cardMemOps refuses memory of the program', () => {
  const memOps = cardMemOps({ banks: 1, bankBytes: FRAME, pages: heapPages });
  const without = { ...memOps, getUserptr: undefined as never, attachDmabuf: undefined as never };
  fails(EINVAL, () => new Bench({ memory: V4L2_MEMORY_USERPTR, memOps: without }).reqbufs(1));
});
