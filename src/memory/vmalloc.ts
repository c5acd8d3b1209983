import { driverBug } from '../base/bug.ts';
import type { MappedPlane, Vb2MemOps } from './mem-ops.ts';
import type { PageAllocator, Pages } from './pages.ts';

/** Memory of one plane and the count of those who hold it. */
export class VmallocMemory {
  readonly pages: Pages;
  #users = 1;
  #mappedOutside = false;

  constructor(pages: Pages) {
    this.pages = pages;
  }

  /** Holders of the memory: the framework, users in this process, and one more if a program mapped it. */
  get numUsers(): number {
    return this.#users + (this.#mappedOutside ? 1 : 0);
  }

  get(): void {
    this.#users++;
  }

  /** Drops one reference; the last one frees the pages. */
  put(): void {
    if (this.#users === 0) {
      driverBug('memory of a plane was put more often than it was taken');
      return;
    }
    if (--this.#users === 0) this.pages.free();
  }

  /**
   * A mapping in this process counts as a user until it is unmapped. One outside holds the pages through the
   * system's kernel, which does not tell when it ends, so it is only remembered that there was one.
   */
  map(): MappedPlane {
    const { bytes, fd } = this.pages;
    if (fd >= 0) {
      this.#mappedOutside = true;
      return { bytes, fd, unmap: () => {} };
    }
    this.get();
    let mapped = true;
    const unmap = () => {
      if (mapped) this.put();
      mapped = false;
    };
    return { bytes, fd, unmap };
  }
}

/**
 * Planes in ordinary memory, for drivers that work with the CPU.
 *
 * @kernel vb2_vmalloc_memops
 */
export function vmallocMemOps(pages: PageAllocator): Vb2MemOps<VmallocMemory> {
  return {
    alloc: (length, cookie) => new VmallocMemory(pages.allocate(length, cookie)),
    put: (memory) => memory.put(),
    vaddr: (memory) => memory.pages.bytes,
    numUsers: (memory) => memory.numUsers,
    mmap: (memory) => memory.map(),
  };
}
