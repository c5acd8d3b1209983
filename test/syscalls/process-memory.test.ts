import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ENOMEM, Errno } from '../../src/base/errno.ts';
import { F_DUPFD_CLOEXEC } from '../../src/linux/constants.ts';
import { close, fcntl, mmap } from '../../src/linux/libc.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { ProcessMemory } from '../../src/syscalls/processes/process-memory.ts';
import { callOf } from '../support/calls.ts';
import { ADDRESS, LENGTH } from '../support/exec-holder.ts';
import { withDescriptorLimit } from '../support/limits.ts';

// Our own memory stands for that of a program: the calls are the same.
const memory = new ProcessMemory(() => true);
const call = callOf(process.pid);
const space = allocateNative(3 * 4096);

function attach(): void {
  memory.attach(call);
}

const PROT_NONE = 0;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;

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
  for (const address of [0, 8, 2 ** 47, 2 ** 56 + space.address, 2 ** 64 - 4096, 2 ** 64]) {
    assert.throws(() => memory.read(address, new Uint8Array(8)), isEfault, `read ${address}`);
    assert.throws(() => memory.write(address, new Uint8Array(8)), isEfault, `write ${address}`);
    assert.throws(() => memory.pin(address, 8, true), isEfault, `pin ${address}`);
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
  gone.attach(call);
  space.bytes.fill(0);
  gone.write(space.address, new Uint8Array([7]));
  assert.equal(space.bytes[0], 0);
  assert.deepEqual(gone.outputs(), [{ address: space.address, bytes: new Uint8Array([7]) }]);
});

test('ProcessMemory moves exactly as many bytes as asked when a range is pinned', () => {
  attach();
  space.bytes.fill(0xee);
  const pinned = memory.pin(space.address + 8, 4096, true);
  pinned.bytes.fill(1);
  assert.ok(pinned.flush(100));
  assert.equal(space.bytes[7], 0xee);
  assert.equal(space.bytes[107], 1);
  assert.equal(space.bytes[108], 0xee);
  assert.ok(pinned.fetch(200));
  assert.equal(pinned.bytes[150], 0xee);
  pinned.release();
});

test('ProcessMemory moves ranges of any length when they are longer than its buffer', () => {
  const large = allocateNative(3 << 20);
  const length = large.bytes.length - 5;
  for (let i = 0; i < large.bytes.length; i++) large.bytes[i] = (i * 7) >> 3;
  attach();
  const struct = new Uint8Array(8);
  memory.read(large.address + 64, struct);
  const copies = [new Uint8Array(length), allocateNative(3 << 20).bytes.subarray(0, length)];
  for (const copy of copies) {
    memory.read(large.address, copy);
    assert.ok(copy.every((byte, i) => byte === large.bytes[i]));
  }
  assert.deepEqual(memory.firstInput(), struct, 'what was read first is still known');
  large.bytes.fill(0);
  memory.write(large.address, copies[0] as Uint8Array);
  assert.ok((copies[0] as Uint8Array).every((byte, i) => byte === large.bytes[i]));
  assert.throws(() => memory.read(large.address, new Uint8Array(8 << 20)), isEfault);
  large.unmap();
});

test('ProcessMemory.pin() looks whether a program may write what is written, and read what is only read', () => {
  attach();
  const allowed = [PROT_READ, PROT_WRITE, PROT_NONE].map((prot) => {
    const address = mmap(0, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return [false, true].map((written) => {
      try {
        memory.pin(address, 4096, written).release();
        return true;
      } catch (error) {
        assert.ok(isEfault(error));
        return false;
      }
    });
  });
  assert.deepEqual(allowed, [
    [true, false],
    [false, true],
    [false, false],
  ]);
});

test('ProcessMemory.pin() says ENOMEM when there is no descriptor left', () => {
  const lowest = fcntl(0, F_DUPFD_CLOEXEC, 0);
  close(lowest);
  attach();
  const pin = () => memory.pin(space.address, 4096, true);
  withDescriptorLimit(lowest, () =>
    assert.throws(pin, (error) => error instanceof Errno && error.code === ENOMEM),
  );
  pin().release();
});

const holder = fileURLToPath(new URL('../support/exec-holder.js', import.meta.url));

async function says(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [words] = await once(child.stdout, 'data');
  return String(words).trim();
}

/** Where the process is known to be the same until it says that it executes another program. */
class Known {
  readonly tgid: number;
  current = true;
  asked = 0;

  constructor(tgid: number) {
    this.tgid = tgid;
  }

  isCurrent(): boolean {
    this.asked++;
    return this.current;
  }
}

test('ProcessMemory moves as many bytes to a process that is known, and leaves to others what that cannot', () => {
  const known = new Known(process.pid);
  const [page, gone] = [allocateNative(4096), allocateNative(4096)];
  memory.attach(call, -1, known);
  const pinned = memory.pin(page.address + 8, 4000, true);
  pinned.bytes.fill(3);
  assert.ok(pinned.flush(100));
  assert.deepEqual([page.bytes[7], page.bytes[8], page.bytes[107], page.bytes[108]], [0, 3, 3, 0]);
  assert.equal(known.asked, 1);
  const [native, plain] = [allocateNative(4096), new Uint8Array(50)];
  for (const to of [native.bytes.subarray(10, 60), plain]) {
    assert.ok(pinned.fetch(50, to));
    assert.ok(to.every((byte) => byte === 3));
  }
  assert.deepEqual([native.bytes[9], native.bytes[60], known.asked], [0, 0, 3]);
  const nobody = new Known(-1);
  memory.attach(call, -1, nobody);
  const other = memory.pin(gone.address, 4096, true);
  other.bytes.fill(4);
  assert.ok(other.flush(4096));
  assert.ok(gone.bytes.every((byte) => byte === 4));
  other.bytes.fill(0);
  assert.ok(other.fetch(4096));
  assert.ok(other.bytes.every((byte) => byte === 4));
  pinned.release();
  other.release();
});

for (const isKnown of [false, true])
  test(`ProcessMemory never touches the memory of the next program when a pinned range was of the last, ${isKnown ? 'whose exec was announced' : 'of which nothing is known'}`, async () => {
    const child = spawn(process.execPath, [holder, 'first']);
    try {
      assert.equal(await says(child), 'first');
      const known = new Known(child.pid as number);
      memory.attach(callOf(known.tgid), -1, isKnown ? known : undefined);
      const pinned = memory.pin(ADDRESS, LENGTH, true);
      pinned.bytes.fill(1);
      assert.ok(pinned.flush(LENGTH));
      pinned.bytes.fill(0);
      assert.ok(pinned.fetch(LENGTH));
      assert.ok(pinned.bytes.every((byte) => byte === 1));
      known.current = false;
      child.stdin.write('exec\n');
      assert.equal(await says(child), 'second');
      assert.equal(pinned.flush(LENGTH), false);
      assert.equal(pinned.fetch(LENGTH), false);
      child.stdin.write('look\n');
      assert.equal(await says(child), 'untouched');
      pinned.release();
    } finally {
      child.kill('SIGKILL');
    }
  });
