import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENOMEM } from '../../src/base/errno.ts';
import { heapPages, type PageAllocator } from '../../src/memory/pages.ts';
import { type VmallocMemory, vmallocMemOps } from '../../src/memory/vmalloc.ts';
import { MAP_SHARED, PROT_READ } from '../../src/vfs/file.ts';
import { bugsIn, fails } from '../support/vb2-fixture.ts';

const REQUEST = { offset: 0, length: 16, prot: PROT_READ, flags: MAP_SHARED };

/** Pages that say when they are freed. */
function watched(fd: number) {
  const state = { freed: 0 };
  const pages: PageAllocator = {
    allocate: (length, offset) => ({
      bytes: heapPages.allocate(length, offset).bytes,
      fd,
      free: () => {
        state.freed++;
      },
    }),
  };
  return { ops: vmallocMemOps(pages), state };
}

function alloc(ops: ReturnType<typeof vmallocMemOps>): VmallocMemory {
  const memory = ops.alloc?.(16, 0, 'FROM_DEVICE');
  assert.ok(memory);
  return memory;
}

describe('heapPages', () => {
  it('gives zeroed bytes of exactly the length when asked for an odd one', () => {
    const { bytes, fd } = heapPages.allocate(4097, 0);
    assert.equal(bytes.length, 4097);
    assert.equal(fd, -1);
    assert.ok(bytes.every((byte) => byte === 0));
  });

  it('throws ENOMEM when the length is out of reach', () => {
    fails(ENOMEM, () => heapPages.allocate(2 ** 53, 0));
  });
});

describe('vmallocMemOps', () => {
  it('frees the pages when the framework puts memory that nobody maps', () => {
    const { ops, state } = watched(-1);
    const memory = alloc(ops);
    assert.equal(ops.numUsers?.(memory), 1);
    ops.put?.(memory);
    assert.equal(state.freed, 1);
  });

  it('keeps the pages until the last unmap when a user of this process maps them', () => {
    const { ops, state } = watched(-1);
    const memory = alloc(ops);
    const first = ops.mmap?.(memory, REQUEST);
    const second = ops.mmap?.(memory, REQUEST);
    assert.equal(first?.bytes, ops.vaddr?.(memory));
    assert.equal(ops.numUsers?.(memory), 3);
    ops.put?.(memory);
    first?.unmap();
    first?.unmap();
    assert.equal(state.freed, 0);
    second?.unmap();
    assert.equal(state.freed, 1);
  });

  it('frees its own view at once and remembers the user when a program maps the memfd', () => {
    const { ops, state } = watched(7);
    const memory = alloc(ops);
    assert.equal(ops.mmap?.(memory, REQUEST).fd, 7);
    ops.mmap?.(memory, REQUEST);
    assert.equal(ops.numUsers?.(memory), 2);
    ops.put?.(memory);
    assert.equal(state.freed, 1);
  });

  it('gives the same bytes every time when asked for the address', () => {
    const { ops } = watched(-1);
    const memory = alloc(ops);
    assert.equal(ops.vaddr?.(memory), ops.vaddr?.(memory));
  });

  it('reports a driver bug and frees nothing twice when put too often', () => {
    const { ops, state } = watched(-1);
    const memory = alloc(ops);
    ops.put?.(memory);
    const bugs = bugsIn(() => ops.put?.(memory));
    assert.equal(bugs.length, 1);
    assert.equal(state.freed, 1);
  });
});
