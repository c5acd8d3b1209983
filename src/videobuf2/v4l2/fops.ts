/** What the file operations of a device node with a queue do; mmap() is the core's alone. */
import { EINVAL, Errno } from '../../base/errno.ts';
import { type Caller, POLL_NOW } from '../../vfs/file.ts';
import { performFileio } from '../core/fileio.ts';
import { VB2_READ, VB2_WRITE } from '../core/io-modes.ts';
import { corePoll } from '../core/poll.ts';
import type { Vb2Queue } from '../core/queue.ts';
import { STATE } from '../core/queue-state.ts';
import { assertNotOthers, type Vb2File } from './ioctl.ts';

export { coreMmap as vb2Mmap } from '../core/share.ts';

/** The open file that made read(), write() or poll() use the queue owns it until it is closed. */
function ownIfFileio(q: Vb2Queue, file: Vb2File): void {
  const s = q[STATE];
  if (s.fileioActive || s.fileioAtEnd) s.owner = file;
}

/**
 * poll(). With POLL_NOW among the bits an idle queue starts to read or write, as in the kernel; without, the
 * answer is for a descriptor that shows readiness all the time, and nothing starts.
 *
 * @kernel vb2_fop_poll
 */
export function vb2Poll(q: Vb2Queue, file: Vb2File, requested: number): number {
  if ((requested & POLL_NOW) === 0 || q[STATE].fileioActive) return corePoll(q, requested);
  const bits = corePoll(q, requested);
  ownIfFileio(q, file);
  return bits;
}

/** read() of `count` bytes to `address`: the bytes moved, or WOULD_BLOCK. @kernel vb2_fop_read */
export function vb2Read(q: Vb2Queue, file: Vb2File, address: number, count: number, caller: Caller): number {
  if ((q.ioModes & VB2_READ) === 0) throw new Errno(EINVAL, `${q.name} cannot be read`);
  assertNotOthers(q, file);
  try {
    return performFileio(q, file, { address, count, caller }, 'read');
  } finally {
    ownIfFileio(q, file);
  }
}

/** write() of `count` bytes at `address`: the bytes moved, or WOULD_BLOCK. @kernel vb2_fop_write */
export function vb2Write(q: Vb2Queue, file: Vb2File, address: number, count: number, caller: Caller): number {
  if ((q.ioModes & VB2_WRITE) === 0) throw new Errno(EINVAL, `${q.name} cannot be written`);
  assertNotOthers(q, file);
  try {
    return performFileio(q, file, { address, count, caller }, 'write');
  } finally {
    ownIfFileio(q, file);
  }
}

/** The open file is closed: if it owns the queue, streaming stops and the buffers go. @kernel vb2_fop_release */
export function vb2FopRelease(q: Vb2Queue, file: Vb2File): void {
  const s = q[STATE];
  // Nothing of a program that ended in its sleep may stay behind, whoever owns the queue by now.
  if (s.dqbufWaiter?.asleep === false) s.dqbufWaiter = undefined;
  if (s.owner !== file) return;
  q.release();
  s.owner = undefined;
}
