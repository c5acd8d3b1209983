/**
 * Memory of a program that a driver fills long after the call that named it (USERPTR). There are no pages to
 * pin from outside: the range is checked when it is taken, and moved with one copy when it is used.
 *
 * The range belongs to the address space of that moment, not to whatever the process executes later. A
 * /proc/TID/mem that was opened when the range was taken does as well: when that space is gone, nothing is moved any more,
 * and as with pinned pages, it does not matter what the program has done to the protection of the range since. But it
 * moves page by page through a page of its own, at a fifth of the speed of process_vm_readv() and process_vm_writev(),
 * which only know a process. So frames go that way as long as the process is known to be in the same address space: every
 * exec is told before it begins.
 */
import { readFileSync } from 'node:fs';
import { EFAULT, EINTR, EMFILE, ENFILE, ENOMEM, Errno } from '../../base/errno.ts';
import { O_CLOEXEC, O_RDWR } from '../../linux/constants.ts';
import { close, errno, open, pread, processVmReadv, processVmWritev, pwrite } from '../../linux/libc.ts';
import { addressOf, allocateNative } from '../../linux/native-memory.ts';
import { inUserSpace } from '../../linux/user-address.ts';
import type { PinnedMemory } from '../../vfs/file.ts';

/** What a process has until it executes another program, or ends. */
export interface AddressSpace {
  readonly tgid: number;
  /** False as soon as that is about to happen, and for good. */
  isCurrent(): boolean;
}

const IOV_SIZE = 16;
const iov = allocateNative(2 * IOV_SIZE);

function setRange(at: number, address: number, length: number): void {
  iov.view.setBigUint64(at, BigInt(address), true);
  iov.view.setBigUint64(at + 8, BigInt(length), true);
}

/**
 * Moves bytes to or from a process and says how many that were; what it does not give or take is left to somebody who
 * may more.
 */
function moveFast(
  move: typeof processVmReadv,
  { tgid }: AddressSpace,
  local: number,
  length: number,
  address: number,
): number {
  let done = 0;
  while (done < length) {
    setRange(0, local + done, length - done);
    setRange(IOV_SIZE, address + done, length - done);
    const count = move(tgid, iov.address, 1, iov.address + IOV_SIZE, 1, 0);
    if (count <= 0) break;
    done += count;
  }
  return done;
}

const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (.)(.)/;

interface Range {
  readonly address: number;
  readonly length: number;
  /** It is for the program to look at what was written there; if not, what it has written is looked at. */
  readonly written: boolean;
}

/** True if every byte of the range belongs to a mapping in which the program may do what is done for it. @kernel check_vma_flags */
function isAllowed(tid: number, { address, length, written }: Range): boolean {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${tid}/maps`, 'latin1');
  } catch {
    return false;
  }
  let reached = address;
  for (const line of maps.split('\n')) {
    const match = MAPPING.exec(line);
    if (match === null || (written ? match[4] !== 'w' : match[3] !== 'r')) continue;
    const [start, end] = [Number.parseInt(match[1] as string, 16), Number.parseInt(match[2] as string, 16)];
    if (start <= reached && reached < end) reached = end;
    if (reached >= address + length) return true;
  }
  return false;
}

function openMemory(tid: number): number {
  const fd = open(`/proc/${tid}/mem`, O_RDWR | O_CLOEXEC);
  if (fd >= 0) return fd;
  const code = errno();
  if (code === EMFILE || code === ENFILE)
    throw new Errno(ENOMEM, 'usercam has no descriptors left: ulimit -n');
  throw new Errno(EFAULT, `the memory of thread ${tid} cannot be opened`);
}

/** Moves `length` bytes by `move`, pread() or pwrite(); false if the memory is gone, or a part of it. */
function moved(move: typeof pread, fd: number, local: number, length: number, address: number): boolean {
  for (let done = 0; done < length; ) {
    const count = move(fd, local + done, length - done, address + done);
    if (count === 0 || (count < 0 && errno() !== EINTR)) return false;
    if (count > 0) done += count;
  }
  return true;
}

/** Takes a range of the memory that thread `tid` has now; throws EFAULT or ENOMEM. */
export function pinMemory(tid: number, range: Range, space?: AddressSpace): PinnedMemory {
  const { address, length, written } = range;
  if (length === 0 || !inUserSpace(address, length)) {
    throw new Errno(EFAULT, `there are no ${length} bytes at 0x${address.toString(16)}`);
  }
  const fd = openMemory(tid);
  if (!isAllowed(tid, range)) {
    close(fd);
    const what = written ? 'written' : 'read';
    throw new Errno(EFAULT, `${length} bytes at 0x${address.toString(16)} cannot be ${what}`);
  }
  const staging = stagingFor(fd, length);
  const fetchTo = (local: number, count: number) => {
    const done = space?.isCurrent() === true ? moveFast(processVmReadv, space, local, count, address) : 0;
    return moved(pread, fd, local + done, count - done, address + done);
  };
  return {
    bytes: staging.bytes,
    fetch(count, to) {
      const local = to === undefined ? staging.address : addressOf(to);
      if (local !== undefined) return fetchTo(local, count);
      const isThere = fetchTo(staging.address, count);
      to?.set(staging.bytes.subarray(0, count));
      return isThere;
    },
    flush(count) {
      const local = staging.address;
      const done = space?.isCurrent() === true ? moveFast(processVmWritev, space, local, count, address) : 0;
      return moved(pwrite, fd, local + done, count - done, address + done);
    },
    release() {
      staging.unmap();
      close(fd);
    },
  };
}

function stagingFor(fd: number, length: number) {
  try {
    return allocateNative(length);
  } catch {
    close(fd);
    throw new Errno(ENOMEM, `no room for ${length} bytes`);
  }
}
