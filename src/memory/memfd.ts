/**
 * Pages that other processes can map: one memfd per plane. The bytes lie at the plane's mmap cookie, so the
 * kernel itself can serve a program's mmap(fd, offset = cookie); below it the file is a hole. A plane that is
 * freed while a program still has it mapped lives on in that mapping: the kernel counts, not we.
 */
import { fstatSync, readFileSync } from 'node:fs';
import { ENOMEM, Errno } from '../base/errno.ts';
import {
  F_DUPFD_CLOEXEC,
  F_UNLCK,
  F_WRLCK,
  MFD_CLOEXEC,
  O_ACCMODE,
  O_CLOEXEC,
  O_RDWR,
} from '../linux/constants.ts';
import { handOut, takenBack } from '../linux/handed-out.ts';
import { close, fcntl, ftruncate, memfdCreate, open, pread, pwrite } from '../linux/libc.ts';
import { allocateNative, mapShared, type NativeMemory } from '../linux/native-memory.ts';
import { pageAlign } from '../linux/page-size.ts';
import { closeShown } from '../linux/shown-files.ts';
import type { DmabufMapper, DmabufMapping } from './dmabuf.ts';
import type { DmabufInfo } from './mem-ops.ts';
import type { PageAllocator, Pages } from './pages.ts';
import { LARGE_PLANE, type MemoryRoom, machineRoom } from './room.ts';

/** What the files are called in /proc/PID/maps. */
const FILE_NAME = 'usercam';
const MFD_ALLOW_SEALING = 2;
const F_SETLEASE = 1024;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_SHRINK = 2;
/** Nobody may change the size (SHRINK, GROW), nor this (SEAL): a program could otherwise cut off what we have mapped. */
const SEALS = 1 | 2 | 4;
const FDINFO_SIZE = /^size:\s+(\d+)$/m;

/** The answer of inspect(), filled in anew each time. */
const info = { device: 0, inode: 0, size: 0 } satisfies DmabufInfo;

/** The dma-bufs of the system's kernel do not tell their size by fstat(), but here. */
function sizeByFdinfo(fd: number): number {
  const match = FDINFO_SIZE.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  return match === null ? 0 : Number(match[1]);
}

/** The same file again, with an access mode of its own. */
function reopen(fd: number, flags: number): number {
  return open(`/proc/self/fd/${fd}`, (flags & O_ACCMODE) | O_CLOEXEC);
}

/**
 * True if `length` bytes of somebody's memory can be mapped. Nobody may take pages away from under the mapping: to
 * touch such a page would be the end of this process. And a large file may have few pages: to map it would fill it.
 */
function canBeMapped(fd: number, length: number): boolean {
  const seals = fcntl(fd, F_GET_SEALS, 0);
  if (seals >= 0) return (seals & F_SEAL_SHRINK) !== 0 && length <= LARGE_PLANE;
  // No memfd: the dma-bufs of the system's kernel have a size that fstat() does not know, and that never changes.
  return fstatSync(fd).size === 0;
}

function stagingFor(length: number): NativeMemory | undefined {
  try {
    return allocateNative(length);
  } catch {
    return undefined;
  }
}

/** Memory that cannot be mapped: its bytes are copied when the buffer changes hands. */
function copied(fd: number, length: number): DmabufMapping | undefined {
  const staging = stagingFor(length);
  if (staging === undefined) return undefined;
  return {
    bytes: staging.bytes,
    fetch: (count) => {
      pread(fd, staging.address, count, 0);
    },
    flush: (count) => {
      pwrite(fd, staging.address, count, 0);
    },
    unmap: () => staging.unmap(),
  };
}

/** Descriptors of memory as other programs know them: memfds, ours or theirs, and dma-bufs of the kernel. */
export const memfdDmabufs: DmabufMapper = {
  inspect(fd) {
    try {
      const { dev, ino, size } = fstatSync(fd);
      info.device = dev;
      info.inode = ino;
      info.size = size > 0 ? size : sizeByFdinfo(fd);
      return info;
    } catch {
      return undefined;
    }
  },

  attach(fd) {
    // A program may give a descriptor that it can only read: that is a matter of its own mappings, not of ours.
    const own = reopen(fd, O_RDWR);
    return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 0);
  },

  detach: close,

  map(attached, length) {
    if (!canBeMapped(attached, length)) return copied(attached, length);
    const memory = mapShared(attached, 0, pageAlign(length));
    if (memory === undefined) return undefined;
    return { bytes: memory.bytes.subarray(0, length), unmap: () => memory.unmap() };
  },

  export(pages, flags) {
    const fd = reopen(pages.fd, flags);
    if (fd >= 0) handOut(fd);
    return fd;
  },

  close,
};

/**
 * Maps a file that is empty as yet and gives it its size. The pages of a usual plane are faulted in at once, so that
 * the first frames are not late. Those of a large one are not: that would take seconds in which nobody else is
 * served, for memory that mostly nobody touches. What is behind the end of a file cannot be faulted in, therefore
 * such a file gets its size last.
 */
function mapFile(fd: number, offset: number, length: number): NativeMemory | undefined {
  const size = offset + length;
  const large = length > LARGE_PLANE;
  if (!large && ftruncate(fd, size) !== 0) return undefined;
  const memory = mapShared(fd, offset, length);
  if (memory === undefined || !large || ftruncate(fd, size) === 0) return memory;
  memory.unmap();
  return undefined;
}

/** An empty file. It is opened a second time: the kernel does not count the first for {@link isShared}. */
function newFile(): number {
  const first = memfdCreate(FILE_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (first < 0) throw new Errno(ENOMEM, 'memfd_create failed');
  const fd = reopen(first, O_RDWR);
  if (fd < 0) return first;
  close(first);
  return fd;
}

/**
 * True unless the kernel grants a lease for the file, which it does if nobody else has it open. A mapping keeps open
 * what it was made from.
 */
function isShared(fd: number): boolean {
  if (fcntl(fd, F_SETLEASE, F_WRLCK) < 0) return true;
  fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

/** A file with one plane in it. */
function allocateFile(length: number, offset: number, onFree: () => void): Pages {
  const fd = newFile();
  const memory = mapFile(fd, offset, pageAlign(length));
  if (memory === undefined) {
    close(fd);
    throw new Errno(ENOMEM, `no room for a plane of ${length} bytes`);
  }
  fcntl(fd, F_ADD_SEALS, SEALS);
  let bytes: Uint8Array | undefined;
  return {
    fd,
    get bytes() {
      bytes ??= memory.bytes.subarray(0, length);
      return bytes;
    },
    isShared: () => isShared(fd),
    free: () => {
      memory.unmap();
      const shared = isShared(fd);
      if (!shared) takenBack(fd);
      closeShown(fd, shared);
      onFree();
    },
  };
}

export function memfdPagesIn(room: MemoryRoom): PageAllocator {
  return {
    allocate(length, offset) {
      room.take(length);
      const giveBack = () => room.giveBack(length);
      try {
        return allocateFile(length, offset, giveBack);
      } catch (error) {
        giveBack();
        throw error;
      }
    },

    dmabuf: memfdDmabufs,
  };
}

export const memfdPages: PageAllocator = memfdPagesIn(machineRoom);
