/** Queues that are read and written: what their tests have in common. */
import assert from 'node:assert/strict';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM, WOULD_BLOCK } from '../../src/vfs/file.ts';
import {
  VB2_MMAP,
  VB2_READ,
  VB2_WRITE,
  type Vb2QueueConfig,
  vb2Read,
  vb2Write,
} from '../../src/videobuf2/index.ts';
import { Bench, type BenchOptions, FRAME, type TestDevice } from './vb2-fixture.ts';

export const ADDRESS = 0x4000;
export const READABLE = POLLIN | POLLRDNORM;
export const WRITABLE = POLLOUT | POLLWRNORM;

export function readable(
  config: Partial<Vb2QueueConfig<TestDevice>> = {},
  options: BenchOptions = {},
): Bench {
  return new Bench({ ...options, config: { ioModes: VB2_MMAP | VB2_READ, ...config } });
}

export function writable(config: Partial<Vb2QueueConfig<TestDevice>> = {}): Bench {
  return new Bench({ output: true, config: { ioModes: VB2_MMAP | VB2_WRITE, ...config } });
}

export const read = (
  bench: Bench,
  count: number,
  address = ADDRESS,
  file = bench.file,
  caller = bench.caller,
) => vb2Read(bench.q, file, address, count, caller);
export const write = (bench: Bench, count: number, address = ADDRESS) =>
  vb2Write(bench.q, bench.file, address, count, bench.caller);

/** The device makes a frame of `length` bytes, all of them `value`. */
export function frame(bench: Bench, value: number, length = FRAME, state: 'DONE' | 'ERROR' = 'DONE'): void {
  const vb = bench.device.owned.shift();
  assert.ok(vb, 'the driver has a buffer');
  vb.planeVaddr(0).fill(value);
  vb.setPlanePayload(0, length);
  vb.done(state);
}

/** A bench whose program sleeps in its first read. */
export function reading(config: Partial<Vb2QueueConfig<TestDevice>> = {}): Bench {
  const bench = readable(config);
  assert.equal(read(bench, 10), WOULD_BLOCK);
  bench.caller.awake();
  return bench;
}
