/** Pages of 4, 16 and 64 KiB: what is mapped by programs begins where a page does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { PAGE_SIZE, pageAlign, pageSizeIn } from '../../src/linux/page-size.ts';
import { memfdPages } from '../../src/memory/memfd.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { Vb2Plane } from '../../src/videobuf2/core/buffer.ts';
import { maxBuffers, mmapCookie, planeAtCookie } from '../../src/videobuf2/core/cookies.ts';

const SIZES = [4096, 16384, 65536];
const COOKIE_LIMIT = 2 ** 32;

test('pageSizeIn finds what the kernel says, wherever it is', () => {
  for (const size of SIZES) {
    const auxv = new BigUint64Array([33n, 1n << 40n, 6n, BigInt(size), 25n, 6n, 0n, 0n]);
    assert.equal(pageSizeIn(new Uint8Array(auxv.buffer)), size);
  }
  assert.equal(pageSizeIn(new Uint8Array(16)), undefined);
});

const getconf = spawnSync('getconf', ['PAGESIZE'], { encoding: 'utf8' });

test('PAGE_SIZE is that of this machine', { skip: getconf.error ? 'there is no getconf' : false }, () => {
  assert.equal(PAGE_SIZE, Number(getconf.stdout));
});

test('pageAlign rounds up to whole pages of any size', () => {
  for (const size of SIZES) {
    assert.deepEqual(
      [0, 1, size, size + 1].map((length) => pageAlign(length, size)),
      [0, size, size, 2 * size],
    );
  }
});

test('mmapCookie begins a page, is unique, fits in 32 bits and names its plane, whatever the page size', () => {
  const memOps = vmallocMemOps(memfdPages);
  for (const size of SIZES) {
    const indexes = [0, 1, 2, 31, maxBuffers(size) - 1];
    const bufs: { planes: Vb2Plane[] }[] = [];
    for (const index of indexes) {
      bufs[index] = {
        planes: Array.from({ length: 8 }, (_, n) => new Vb2Plane(100, mmapCookie(index, n, size), memOps)),
      };
    }
    const planes = indexes.flatMap((index) => bufs[index]?.planes ?? []);
    assert.equal(new Set(planes.map(({ offset }) => offset)).size, planes.length);
    for (const plane of planes) {
      assert.equal(plane.offset % size, 0);
      assert.ok(plane.offset < COOKIE_LIMIT);
      assert.equal(planeAtCookie(bufs, plane.offset, size), plane);
      assert.equal(planeAtCookie(bufs, plane.offset + 4096 / 2, size), undefined);
    }
  }
});

test('a plane in a memfd lies at its cookie, whatever the page size', () => {
  for (const size of SIZES) {
    for (const [index, plane] of [
      [0, 1],
      [31, 7],
    ] as const) {
      const pages = memfdPages.allocate(5000, mmapCookie(index, plane, size));
      assert.equal(pages.bytes.length, 5000);
      pages.free();
    }
  }
});
