/** Planes that are larger than what the machine can give, and those that are just large. */
import assert from 'node:assert/strict';
import { fstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { V4L2_MEMORY_MMAP } from '../../src/abi/index.ts';
import { ENOMEM } from '../../src/base/errno.ts';
import { roomInControlGroups } from '../../src/memory/control-group.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { memfdPagesIn } from '../../src/memory/memfd.ts';
import { heapPagesIn, type PageAllocator, type Pages } from '../../src/memory/pages.ts';
import { MemoryRoom } from '../../src/memory/room.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { mmapCookie } from '../../src/videobuf2/core/cookies.ts';
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

it('usual planes are refused with ENOMEM before they take together what the machine has', () => {
  const planes: Pages[] = [];
  const pages = heapPagesIn(new MemoryRoom(() => 188 * MB - planes.length * 10 * MB));
  const fill = () => {
    while (planes.length < 32) planes.push(pages.allocate(10 * MB, 0));
  };
  fails(ENOMEM, fill);
  assert.equal(planes.length, 6, 'the last 128 MB are for everybody else');
  for (const plane of planes.splice(0)) plane.free();
  fails(ENOMEM, fill);
  assert.equal(planes.length, 6);
  for (const plane of planes) plane.free();
});

it('the room in a control group is the least of it and those above, without the pages of files', () => {
  const mount = mkdtempSync(join(tmpdir(), 'usercam-groups-'));
  const group = (path: string, files: Record<string, string>) => {
    mkdirSync(join(mount, path), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(mount, path, name), `${text}\n`);
  };
  const stat = 'anon 5\ninactive_file 30\nactive_file 20';
  group('a/b', { 'memory.max': 'max', 'memory.current': '70', 'memory.stat': stat });
  group('a', { 'memory.max': '1000', 'memory.current': '700', 'memory.stat': stat });
  group('c', { 'memory.max': '900', 'memory.current': '850', 'memory.stat': stat });
  const old = 'active_file 1\ntotal_inactive_file 4\ntotal_active_file 3';
  group('memory', {
    'memory.limit_in_bytes': '500',
    'memory.usage_in_bytes': '450',
    'memory.stat': old,
  });
  try {
    assert.equal(roomInControlGroups('0::/a/b\n', mount), 350);
    assert.equal(roomInControlGroups('0::/c\n', mount), 100);
    assert.equal(roomInControlGroups('0::/\n', mount), Number.POSITIVE_INFINITY);
    assert.equal(roomInControlGroups('4:cpu,memory:/docker/of-the-host\n0::/\n', mount), 57);
  } finally {
    rmSync(mount, { recursive: true });
  }
});

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
