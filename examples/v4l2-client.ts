/**
 * The thin layer between a V4L2 program and the C library: what <fcntl.h>, <sys/ioctl.h>, <sys/mman.h> and
 * <poll.h> are to a program in C. Nothing here knows usercam: these are the real functions of libc, and what
 * they talk to is whatever stands behind the device file.
 */
import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';
import * as abi from '../src/abi/index.ts';
import { EINTR, errnoName } from '../src/base/errno.ts';

// ioctl is variadic in C; on Linux (x64, arm64) its third argument travels as that of an ordinary function.
const libc = koffi.load(null);
const c = {
  open: libc.func('int open(const char *path, int flags, int mode)'),
  close: libc.func('int close(int fd)'),
  ioctl: libc.func('int ioctl(int fd, uintptr_t request, void *argument)'),
  mmap: libc.func(
    'intptr_t mmap(uintptr_t hint, size_t length, int prot, int flags, int fd, intptr_t offset)',
  ),
  munmap: libc.func('int munmap(uintptr_t address, size_t length)'),
  poll: libc.func('int poll(void *entries, size_t count, int timeout)'),
};

const O_RDWR = 2;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const POLLIN = 1;
const POLLERR = 8;

/** A call to the system that failed. The message is a sentence with the name of the errno. */
export class SystemError extends Error {
  readonly errno: number;

  constructor(call: string, errno: number) {
    const meaning = getSystemErrorMap().get(-errno)?.[1];
    super(`${call} failed: ${errnoName(errno)}${meaning === undefined ? '' : ` (${meaning})`}`);
    this.errno = errno;
  }
}

/** Makes a call again for as long as a signal interrupts it. */
function uninterrupted(call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0 || koffi.errno() !== EINTR) return result;
  }
}

export function open(path: string): number {
  const fd = uninterrupted(() => c.open(path, O_RDWR, 0));
  if (fd < 0) throw new SystemError(`open ${path}`, koffi.errno());
  return fd;
}

export function close(fd: number): void {
  c.close(fd);
}

function requestName(request: number): string {
  const entry = Object.entries(abi).find(([name, value]) => name.startsWith('VIDIOC_') && value === request);
  return entry?.[0] ?? `ioctl 0x${request.toString(16)}`;
}

/** An ioctl on a struct; returns 0, or the errno where the caller wants to look at it. */
export function tryIoctl(fd: number, request: number, argument: abi.StructView | Int32Array): number {
  const bytes = argument instanceof Int32Array ? argument : argument.$bytes;
  return uninterrupted(() => c.ioctl(fd, request, bytes)) < 0 ? koffi.errno() : 0;
}

/** An ioctl that has to succeed. */
export function ioctl(fd: number, request: number, argument: abi.StructView | Int32Array): void {
  const errno = tryIoctl(fd, request, argument);
  if (errno !== 0) throw new SystemError(requestName(request), errno);
}

/** Memory of the device, mapped into this program. */
export interface Mapping {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export function mmap(fd: number, offset: number, length: number): Mapping {
  const address: number = c.mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  if (address === -1) throw new SystemError('mmap', koffi.errno());
  return { address, bytes: new Uint8Array(koffi.view(address, length)) };
}

/** Gives the memory back. Nobody may look at `mapping.bytes` from now on: there is nothing behind it. */
export function munmap(mapping: Mapping): void {
  if (c.munmap(mapping.address, mapping.bytes.length) < 0) throw new SystemError('munmap', koffi.errno());
}

const pollfd = new DataView(new ArrayBuffer(8));

/** Sleeps until a frame is ready. */
export function waitForFrame(fd: number, timeoutMilliseconds: number): void {
  pollfd.setInt32(0, fd, true);
  pollfd.setInt16(4, POLLIN, true);
  const ready = uninterrupted(() => c.poll(pollfd.buffer, 1, timeoutMilliseconds));
  if (ready < 0) throw new SystemError('poll', koffi.errno());
  if (ready === 0) throw new Error(`no frame came within ${timeoutMilliseconds / 1000} seconds`);
  if ((pollfd.getInt16(6, true) & POLLERR) !== 0)
    throw new Error('poll says that the device does not stream');
}
