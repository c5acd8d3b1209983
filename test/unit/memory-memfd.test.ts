/** Planes in memfds, as other processes find them. */
import assert from 'node:assert/strict';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { AllocatedMemory } from '../../src/memory/allocated.ts';
import type { Vb2MemOps } from '../../src/memory/mem-ops.ts';
import { memfdDmabufs, memfdPages } from '../../src/memory/memfd.ts';
import { LARGE_PLANE } from '../../src/memory/room.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { MAP_SHARED, PROT_READ } from '../../src/vfs/file.ts';
import { mmapCookie } from '../../src/videobuf2/core/cookies.ts';

const LENGTH = 5000;
const COOKIE = mmapCookie(1, 0);
const O_RDONLY = 0;
const O_RDWR = 2;

const ops = vmallocMemOps(memfdPages) as Required<Vb2MemOps<AllocatedMemory>>;

/** A plane that is freed when `body` is done. */
function withPlane(cookie: number, body: (memory: AllocatedMemory) => void): void {
  const memory = ops.alloc(LENGTH, cookie, 'FROM_DEVICE');
  try {
    body(memory);
  } finally {
    ops.put(memory);
  }
}

/** The byte at `position` of a file, as anybody finds it who has the descriptor. */
function byteAt(fd: number, position: number): number {
  const byte = new Uint8Array(1);
  assert.equal(readSync(fd, byte, 0, 1, position), 1);
  return byte[0] as number;
}

function mmap(memory: AllocatedMemory): number {
  return ops.mmap(memory, { offset: COOKIE, length: LENGTH, prot: PROT_READ, flags: MAP_SHARED }).fd;
}

describe('a plane in a memfd', () => {
  it('lies at its cookie when it is mapped, and at 0 when it is exported', () => {
    withPlane(COOKIE, (memory) => {
      ops.prepare(memory, 0);
      ops.vaddr(memory).fill(4);
      ops.finish(memory, LENGTH);
      assert.equal(byteAt(mmap(memory), COOKIE + LENGTH - 1), 4);
      const fd = ops.getDmabuf(memory, O_RDWR);
      assert.equal(byteAt(fd, LENGTH - 1), 4);
      ops.closeFd(fd);
    });
  });

  it('is nothing that garbage is collected for as long as nobody here looks at it', () => {
    const { external } = process.memoryUsage();
    const memories = Array.from({ length: 20 }, () => ops.alloc(1_000_000, COOKIE, 'FROM_DEVICE'));
    const mapped = memories.map(mmap);
    const seen = process.memoryUsage().external - external;
    assert.ok(seen < 1_000_000, `${seen} bytes`);
    assert.equal(byteAt(mapped[0] as number, COOKIE), 0);
    ops.vaddr(memories[0] as AllocatedMemory).fill(3);
    assert.equal(byteAt(mapped[0] as number, COOKIE), 3);
    for (const memory of memories) ops.put(memory);
  });

  it('is empty for who looks at it when it is freed, for the first time or again', () => {
    for (const isSeenBefore of [true, false]) {
      const memory = ops.alloc(LENGTH, COOKIE, 'FROM_DEVICE');
      if (isSeenBefore) ops.vaddr(memory).fill(5);
      ops.put(memory);
      const bytes = ops.vaddr(memory);
      assert.equal(bytes.length, LENGTH);
      assert.ok(bytes.every((byte) => byte === 0));
      bytes.fill(1);
    }
  });

  it('is the same in both files after every frame', () => {
    withPlane(COOKIE, (memory) => {
      const mapped = mmap(memory);
      const exported = ops.getDmabuf(memory, O_RDWR);
      for (const value of [1, 2, 3]) {
        ops.prepare(memory, 0);
        ops.vaddr(memory).fill(value);
        ops.finish(memory, LENGTH);
        assert.deepEqual([byteAt(mapped, COOKIE), byteAt(exported, 0)], [value, value]);
      }
      ops.closeFd(exported);
    });
  });

  it('is never exported as the file that it is mapped from, which stands for the open device', () => {
    withPlane(0, (memory) => {
      const inodeOf = (fd: number) => memfdDmabufs.inspect(fd)?.inode;
      const mapped = inodeOf(mmap(memory));
      const fd = ops.getDmabuf(memory, O_RDWR);
      assert.notEqual(inodeOf(fd), mapped);
      ops.closeFd(fd);
    });
  });

  it('can be written through a descriptor for reading and writing only', () => {
    withPlane(COOKIE, (memory) => {
      const byte = new Uint8Array([9]);
      const readOnly = ops.getDmabuf(memory, O_RDONLY);
      assert.throws(() => writeSync(readOnly, byte, 0, 1, 0), { code: 'EBADF' });
      const both = ops.getDmabuf(memory, O_RDWR);
      writeSync(both, byte, 0, 1, 0);
      assert.equal(ops.vaddr(memory)[0], 9);
      ops.closeFd(readOnly);
      ops.closeFd(both);
    });
  });

  it('cannot be cut off under us by a program', () => {
    withPlane(COOKIE, (memory) => {
      const fd = ops.getDmabuf(memory, O_RDWR);
      assert.throws(() => ftruncateSync(fd, 0), { code: 'EPERM' });
      assert.throws(() => ftruncateSync(mmap(memory), 0), { code: 'EPERM' });
      ops.closeFd(fd);
    });
  });
});

describe('memfdDmabufs', () => {
  it('imports what was exported, read-only or not, and sees that it is the same memory', () => {
    withPlane(COOKIE, (memory) => {
      const fds = [ops.getDmabuf(memory, O_RDONLY), ops.getDmabuf(memory, O_RDWR)];
      const seen = fds.map((fd) => ({ ...memfdDmabufs.inspect(fd) }));
      assert.deepEqual(seen[0], seen[1]);
      assert.ok((seen[0]?.size ?? 0) >= LENGTH);
      const imported = ops.attachDmabuf(fds[0] as number, LENGTH, 'FROM_DEVICE');
      for (const fd of fds) ops.closeFd(fd);
      ops.mapDmabuf(imported);
      ops.vaddr(imported)[LENGTH - 1] = 12;
      assert.equal(ops.vaddr(memory)[LENGTH - 1], 12);
      ops.unmapDmabuf(imported);
      ops.detachDmabuf(imported);
    });
  });

  it('imports any file that can be mapped, by copy because its owner may cut it off', () => {
    const path = join(tmpdir(), `usercam-dmabuf-${process.pid}`);
    const fd = openSync(path, 'w+');
    unlinkSync(path);
    ftruncateSync(fd, LENGTH);
    const imported = ops.attachDmabuf(fd, LENGTH, 'FROM_DEVICE');
    ops.mapDmabuf(imported);
    const bytes = ops.vaddr(imported);
    ftruncateSync(fd, 0);
    bytes[1] = 3;
    ops.finish?.(imported, LENGTH);
    assert.equal(byteAt(fd, 1), 3);
    ops.unmapDmabuf(imported);
    ops.detachDmabuf(imported);
    closeSync(fd);
  });

  it('fills no large file that is imported, and moves what is used', () => {
    const large = LARGE_PLANE + LENGTH;
    const exporter = ops.alloc(large, 0, 'FROM_DEVICE');
    const file = mmap(exporter);
    const imported = ops.attachDmabuf(file, large, 'FROM_DEVICE');
    ops.mapDmabuf(imported);
    assert.equal(fstatSync(file).blocks, 0);
    ops.vaddr(imported)[LENGTH] = 6;
    ops.finish?.(imported, LENGTH + 1);
    assert.equal(byteAt(file, LENGTH), 6);
    ops.unmapDmabuf(imported);
    ops.detachDmabuf(imported);
    ops.put(exporter);
  });

  it('knows nothing of a descriptor that is not open', () => {
    assert.equal(memfdDmabufs.inspect(-1), undefined);
    assert.equal(memfdDmabufs.inspect(0x7fff_0000), undefined);
  });
});
