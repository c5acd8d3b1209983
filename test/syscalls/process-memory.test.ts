import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../../src/base/errno.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { ProcessMemory } from '../../src/syscalls/process-memory.ts';

// Our own memory stands for that of a program: the calls are the same.
const memory = new ProcessMemory(() => true);
const space = allocateNative(3 * 4096);

function attach(): void {
  memory.attach(process.pid);
}

const isEfault = (error: unknown) => error instanceof Errno && error.code === 14;

test('ProcessMemory reads and writes what is there when the range is mapped', () => {
  attach();
  memory.write(space.address + 100, new Uint8Array([1, 2, 3]));
  assert.deepEqual([...space.bytes.subarray(99, 104)], [0, 1, 2, 3, 0]);
  const back = new Uint8Array(3);
  memory.read(space.address + 100, back);
  assert.deepEqual([...back], [1, 2, 3]);
});

test('ProcessMemory says EFAULT when the range is not mapped', () => {
  attach();
  for (const address of [0, 8, 2 ** 47, 2 ** 64 - 4096]) {
    assert.throws(() => memory.read(address, new Uint8Array(8)), isEfault, `read ${address}`);
    assert.throws(() => memory.write(address, new Uint8Array(8)), isEfault, `write ${address}`);
    assert.throws(() => memory.pin(address, 8), isEfault, `pin ${address}`);
  }
});

test('ProcessMemory reads a path when it ends right before a page, or goes over one', () => {
  const text = new TextEncoder();
  for (const [at, path] of [
    [4096 - 5, '/dev'],
    [4096 - 3, '/dev/video0'],
    [0, `/${'x'.repeat(4000)}`],
    [3 * 4096 - 5, '/end'],
  ] as const) {
    space.bytes.fill(0xff);
    space.bytes.set(text.encode(`${path}\0`), at);
    attach();
    assert.equal(new TextDecoder().decode(memory.readPath(space.address + at)), path);
  }
});

test('ProcessMemory writes nothing when the caller no longer waits, and keeps what it would have written', () => {
  const gone = new ProcessMemory(() => false);
  gone.attach(process.pid);
  space.bytes.fill(0);
  gone.write(space.address, new Uint8Array([7]));
  assert.equal(space.bytes[0], 0);
  assert.deepEqual(gone.outputs(), [{ address: space.address, bytes: new Uint8Array([7]) }]);
});

test('ProcessMemory moves exactly as many bytes as asked when a range is pinned', () => {
  attach();
  space.bytes.fill(0xee);
  const pinned = memory.pin(space.address + 8, 4096);
  pinned.bytes.fill(1);
  assert.ok(pinned.flush(100));
  assert.equal(space.bytes[7], 0xee);
  assert.equal(space.bytes[107], 1);
  assert.equal(space.bytes[108], 0xee);
  assert.ok(pinned.fetch(200));
  assert.equal(pinned.bytes[150], 0xee);
  pinned.release();
});
