/** Memory for devices that see it at addresses of their own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_USERPTR,
  v4l2_exportbuffer,
  v4l2_plane,
} from '../../src/abi/index.ts';
import { EFAULT, EINVAL, ENOMEM, Errno } from '../../src/base/errno.ts';
import { DmaArena } from '../../src/memory/dma-arena.ts';
import { dmaContigMemOps } from '../../src/memory/dma-contig.ts';
import { dmaSgMemOps } from '../../src/memory/dma-sg.ts';
import { HeapDmabufs } from '../../src/memory/heap-dmabuf.ts';
import type { PhysicalAddress, Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { MAP_SHARED, PROT_READ } from '../../src/vfs/file.ts';
import { mmapCookie } from '../../src/videobuf2/core/cookies.ts';
import {
  vb2DmaContigPlaneDmaAddr,
  vb2DmaSgPlane,
  vb2Expbuf,
  vb2Mmap,
  vb2Qbuf,
} from '../../src/videobuf2/index.ts';
import {
  Bench,
  type BenchOptions,
  bugsIn,
  FRAME,
  fails,
  testOps,
  withoutBugs,
} from '../support/vb2-fixture.ts';

const PAGE = 4096;
const BASE = 0x1_0000_0000;
const target = (length: number) => ({ bytes: new Uint8Array(length) });
const arenaOf = (pages: number) => new DmaArena({ size: pages * PAGE, base: BASE, pageSize: PAGE });

describe('DmaArena', () => {
  it('gives whole pages, the first that fit', () => {
    const arena = arenaOf(4);
    const ranges = [1, PAGE + 1, 1].map((length) => arena.mapContiguous(target(length), length));
    assert.deepEqual(
      ranges.map(({ address, length }) => [address - BASE, length]),
      [
        [0, PAGE],
        [PAGE, 2 * PAGE],
        [3 * PAGE, PAGE],
      ],
    );
    assert.equal(arena.free, 0);
  });

  it('says ENOMEM when it is in pieces, though there is enough in all', () => {
    const arena = arenaOf(4);
    const ranges = [0, 1, 2, 3].map(() => arena.mapContiguous(target(PAGE), PAGE));
    for (const n of [0, 2]) arena.unmap(ranges[n]!);
    assert.deepEqual([arena.free, arena.largestHole], [2 * PAGE, PAGE]);
    fails(ENOMEM, () => arena.mapContiguous(target(2 * PAGE), 2 * PAGE));
    arena.unmap(ranges[1]!);
    assert.equal(arena.mapContiguous(target(3 * PAGE), 3 * PAGE).address, BASE);
  });

  it('scatters over the holes there are, in their order, and says ENOMEM when they are too few', () => {
    const arena = arenaOf(5);
    const ranges = [0, 1, 2, 3, 4].map(() => arena.mapContiguous(target(PAGE), PAGE));
    for (const n of [0, 2, 3]) arena.unmap(ranges[n]!);
    fails(ENOMEM, () => arena.mapScattered(target(4 * PAGE), 4 * PAGE));
    const pieces = arena.mapScattered(target(3 * PAGE), 3 * PAGE);
    assert.deepEqual(
      pieces.map(({ address, length, offset }) => [address - BASE, length, offset]),
      [
        [0, PAGE, 0],
        [2 * PAGE, 2 * PAGE, PAGE],
      ],
    );
  });

  it('is in one piece again when all is given back, in any order', () => {
    const arena = arenaOf(6);
    const ranges = [0, 1, 2, 3, 4, 5].map(() => arena.mapContiguous(target(PAGE), PAGE));
    for (const n of [4, 0, 2, 5, 1, 3]) arena.unmap(ranges[n]!);
    assert.equal(arena.largestHole, 6 * PAGE);
  });

  it('shows a device the bytes behind an address, and reports one that goes astray', () => {
    const arena = arenaOf(4);
    const memory = target(PAGE);
    const { address } = arena.mapContiguous(memory, PAGE);
    arena.bytesAt((address + 16) as PhysicalAddress, 8).fill(7);
    assert.deepEqual([memory.bytes[15], memory.bytes[16], memory.bytes[23]], [0, 7, 7]);
    for (const [at, length] of [
      [address - 1, 1],
      [address + PAGE - 1, 2],
      [0, 1],
    ] as const) {
      const bugs = bugsIn(() => assert.equal(arena.bytesAt(at as PhysicalAddress, length).length, 0));
      assert.match(bugs[0] ?? '', /DMA fault/);
    }
  });

  it('reports a bug when a range is unmapped twice', () => {
    const arena = arenaOf(1);
    const range = arena.mapContiguous(target(1), 1);
    arena.unmap(range);
    assert.equal(bugsIn(() => arena.unmap(range)).length, 1);
  });
});

function contig(arena: DmaArena, options: BenchOptions = {}): Bench {
  const memOps = dmaContigMemOps({ arena, pages: options.dmabufs ?? heapPages }) as Vb2MemOps;
  return new Bench({ ...options, memOps });
}

function sg(arena: DmaArena, options: BenchOptions = {}): Bench {
  const memOps = dmaSgMemOps({ arena, pages: options.dmabufs ?? heapPages }) as Vb2MemOps;
  return new Bench({ ...options, memOps });
}

const mapping = { offset: 0, length: FRAME, prot: PROT_READ, flags: MAP_SHARED };

describe('dma-contig', () => {
  it('gives buffers as far as the arena goes', () => {
    const bench = contig(arenaOf(5));
    assert.equal(bench.reqbufs(4).count, 2);
    withoutBugs(() => bench.reqbufs(0));
  });

  it('shows the device at its address what a program finds in the mapping', () => {
    const arena = arenaOf(8);
    const bench = contig(arena);
    bench.reqbufs(2);
    const address = vb2DmaContigPlaneDmaAddr(bench.vb(1), 0);
    assert.equal(address, BASE + 2 * PAGE);
    arena.bytesAt(address as PhysicalAddress, FRAME).fill(5);
    assert.equal(vb2Mmap(bench.q, { ...mapping, offset: mmapCookie(1, 0) }).bytes[FRAME - 1], 5);
  });

  it('keeps the addresses of a buffer that was freed while it is mapped', () => {
    const arena = arenaOf(2);
    const bench = contig(arena);
    bench.reqbufs(1);
    const mapped = vb2Mmap(bench.q, mapping);
    withoutBugs(() => bench.reqbufs(0));
    assert.equal(arena.free, 0);
    mapped.unmap();
    assert.equal(arena.free, 2 * PAGE);
  });

  it('follows the memory when it is exported', () => {
    const dmabufs = new HeapDmabufs();
    const arena = arenaOf(2);
    const bench = contig(arena, { dmabufs });
    bench.reqbufs(1);
    const exp = Object.assign(v4l2_exportbuffer.make(), { type: bench.type });
    vb2Expbuf(bench.q, bench.file, exp, bench.caller);
    arena.bytesAt(vb2DmaContigPlaneDmaAddr(bench.vb(0), 0) as PhysicalAddress, FRAME).fill(6);
    assert.equal(dmabufs.map(exp.fd, FRAME)?.bytes[FRAME - 1], 6);
  });

  const userptr = (
    address: number,
    config: { iommu?: boolean; cacheAlignment?: number },
    arena = arenaOf(8),
  ) => {
    const memOps = dmaContigMemOps({ arena, pages: heapPages, ...config }) as Vb2MemOps;
    const bench = new Bench({ memory: V4L2_MEMORY_USERPTR, memOps });
    bench.reqbufs(1);
    const b = bench.buf(0);
    b.m.userptr = address;
    b.length = FRAME;
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    return bench;
  };

  it('takes user memory through the IOMMU, and gives everything back', () => {
    const arena = arenaOf(8);
    const bench = userptr(0x2ff8, {}, arena);
    assert.equal(vb2DmaContigPlaneDmaAddr(bench.vb(0), 0), BASE);
    withoutBugs(() => bench.reqbufs(0));
    assert.deepEqual([arena.free, bench.caller.memory.pinned], [8 * PAGE, 0]);
  });

  it('refuses user memory that is scattered when there is no IOMMU', () => {
    fails(EFAULT, () => userptr(0x2ff8, { iommu: false }));
  });

  it('refuses user memory that is not aligned as the device needs it', () => {
    fails(EINVAL, () => userptr(0x2ff8, { cacheAlignment: 64 }));
  });

  it('holds nothing of the program when the arena is full', () => {
    const arena = arenaOf(1);
    const memOps = dmaContigMemOps({ arena, pages: heapPages }) as Vb2MemOps;
    const bench = new Bench({ memory: V4L2_MEMORY_USERPTR, memOps });
    bench.reqbufs(1);
    const b = Object.assign(bench.buf(0), { length: FRAME });
    b.m.userptr = 0x2000;
    fails(ENOMEM, () => vb2Qbuf(bench.q, bench.file, b, bench.caller));
    assert.equal(bench.caller.memory.pinned, 0);
  });

  it('holds no addresses when there are no pages', () => {
    const arena = arenaOf(4);
    const pages = {
      allocate: () => {
        throw new Errno(ENOMEM);
      },
    };
    const bench = new Bench({ memOps: dmaContigMemOps({ arena, pages }) as Vb2MemOps });
    withoutBugs(() => fails(ENOMEM, () => bench.reqbufs(1)));
    assert.equal(arena.free, 4 * PAGE);
  });

  it('imports memory, and lets it go when the arena has no room for it', () => {
    const dmabufs = new HeapDmabufs();
    const arena = arenaOf(3);
    const bench = contig(arena, { dmabufs, memory: V4L2_MEMORY_DMABUF });
    bench.reqbufs(2);
    const b = bench.buf(0);
    b.m.fd = dmabufs.descriptorOf(new Uint8Array(FRAME));
    vb2Qbuf(bench.q, bench.file, b, bench.caller);
    b.index = 1;
    fails(ENOMEM, () => vb2Qbuf(bench.q, bench.file, b, bench.caller));
    assert.deepEqual([dmabufs.attachments, dmabufs.mappings], [1, 1]);
    withoutBugs(() => bench.reqbufs(0));
    assert.deepEqual([dmabufs.attachments, dmabufs.mappings, arena.free], [0, 0, 3 * PAGE]);
  });
});

describe('dma-sg', () => {
  it('gives the driver the pieces of a plane in order, which are one for everybody else', () => {
    const arena = arenaOf(5);
    const [first] = [arena.mapContiguous(target(1), 1), arena.mapContiguous(target(1), 1)];
    arena.unmap(first);
    const bench = sg(arena);
    bench.reqbufs(1);
    const pieces = vb2DmaSgPlane(bench.vb(0), 0);
    assert.deepEqual(
      pieces.map(({ address, bytes }) => [address - BASE, bytes.length]),
      [
        [0, PAGE],
        [2 * PAGE, FRAME - PAGE],
      ],
    );
    let value = 1;
    for (const { bytes } of pieces) bytes.fill(value++);
    const { bytes } = vb2Mmap(bench.q, mapping);
    assert.deepEqual([bytes[0], bytes[PAGE - 1], bytes[PAGE], bytes[FRAME - 1]], [1, 1, 2, 2]);
    assert.equal(vb2DmaSgPlane(bench.vb(0), 0), pieces, 'the list is kept');
  });

  it('finds room where dma-contig does not', () => {
    const arena = arenaOf(4);
    const ranges = [0, 1, 2, 3].map(() => arena.mapContiguous(target(1), 1));
    for (const n of [0, 2]) arena.unmap(ranges[n]!);
    fails(ENOMEM, () => contig(arena).reqbufs(1));
    assert.equal(sg(arena).reqbufs(1).count, 1);
  });

  it('gives all pieces back when the buffer goes', () => {
    const arena = arenaOf(4);
    const bench = sg(arena);
    bench.reqbufs(2);
    withoutBugs(() => bench.reqbufs(0));
    assert.equal(arena.largestHole, 4 * PAGE);
  });
});

describe('planeCookie', () => {
  it('is reported as a bug when the driver takes it for what it is not', () => {
    const bench = sg(arenaOf(4));
    bench.reqbufs(1);
    assert.match(bugsIn(() => vb2DmaContigPlaneDmaAddr(bench.vb(0), 0))[0] ?? '', /dma-contig/);
    const plain = new Bench();
    plain.reqbufs(1);
    assert.match(bugsIn(() => vb2DmaSgPlane(plain.vb(0), 0))[0] ?? '', /dma-sg/);
  });
});

describe('allocDevs', () => {
  it('gives each plane the back end that the driver names', () => {
    const arena = arenaOf(8);
    const memOps = dmaContigMemOps({ arena, pages: heapPages }) as Vb2MemOps;
    const bench = new Bench({
      sizes: [FRAME, 16],
      ops: {
        queueSetup(q, setup) {
          testOps.queueSetup(q, setup);
          setup.allocDevs[1] = memOps;
        },
      },
    });
    bench.reqbufs(2);
    assert.equal(bench.vb(0).planeCookie(0), undefined);
    assert.equal(vb2DmaContigPlaneDmaAddr(bench.vb(1), 1), BASE + PAGE);
    const planes = [v4l2_plane.make(), v4l2_plane.make()];
    const b = Object.assign(bench.buf(0), { length: 2 });
    vb2Qbuf(bench.q, bench.file, b, bench.caller, planes);
    withoutBugs(() => bench.q.release());
    assert.equal(arena.free, 8 * PAGE);
  });

  it('is reported as a bug when a back end cannot do the memory that is asked for', () => {
    const { getUserptr: _without, ...memOps } = vmallocMemOps(heapPages) as Vb2MemOps;
    const bench = new Bench({
      memory: V4L2_MEMORY_USERPTR,
      ops: {
        queueSetup(q, setup) {
          testOps.queueSetup(q, setup);
          setup.allocDevs[0] = memOps;
        },
      },
    });
    const bugs = bugsIn(() => fails(EINVAL, () => bench.reqbufs(1)));
    assert.match(bugs[0] ?? '', /plane 0 with a back end that does not do memory type 2/);
  });
});
