import { ENOMEM, Errno } from '../base/errno.ts';
import type { DmabufMapper } from './dmabuf.ts';
import { type MemoryRoom, machineRoom } from './room.ts';

/** A piece of memory that holds one plane of one buffer. */
export interface Pages {
  /** The bytes as this process sees them: as many as were asked for, never rounded up. */
  readonly bytes: Uint8Array;
  /** The memfd that another process can map, -1 when the bytes are in this process only. */
  readonly fd: number;
  /** True if another process has `fd`'s file open or mapped, or may have; left out where nobody can. */
  isShared?(): boolean;
  /**
   * Gives the memory back; `bytes` must not be touched again. Programs that have mapped `fd` keep their
   * mapping: the system's kernel holds those pages for them.
   */
  free(): void;
}

/** Where planes get their memory from. */
export interface PageAllocator {
  /**
   * Zeroed memory for `length` bytes. With a memfd the bytes lie at `offset` of the file, because that is the
   * offset which a program gives to mmap(). Offsets of neighbours are closer together than planes are long,
   * so every allocation needs a file of its own. Throws ENOMEM.
   */
  allocate(length: number, offset: number): Pages;
  /** How descriptors of this kind of memory are handed out and taken in. Without it there is no DMABUF. */
  readonly dmabuf?: DmabufMapper;
}

/** Memory of this process alone: for tests, and for programs that use the framework as a library. */
export function heapPagesIn(room: MemoryRoom): PageAllocator {
  return {
    allocate(length) {
      room.take(length);
      let bytes: Uint8Array;
      try {
        bytes = new Uint8Array(length);
      } catch {
        room.giveBack(length);
        throw new Errno(ENOMEM, `no room for ${length} bytes`);
      }
      return { bytes, fd: -1, free: () => room.giveBack(length) };
    },
  };
}

export const heapPages: PageAllocator = heapPagesIn(machineRoom);
