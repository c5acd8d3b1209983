/** Descriptors without a kernel: numbers that stand for pages of the heap, for users within one process. */
import type { DmabufMapper } from './dmabuf.ts';
import type { DmabufInfo } from './mem-ops.ts';
import { heapPages, type PageAllocator, type Pages } from './pages.ts';

const FIRST_FD = 1000;

/** Pages of the heap that can be exported and imported. Counts what is open, so that a test can see leaks. */
export class HeapDmabufs implements PageAllocator, DmabufMapper {
  readonly dmabuf = this;
  readonly #open = new Map<number, Uint8Array>();
  readonly #inodes = new Map<Uint8Array, number>();
  readonly #info = { device: 1, inode: 0, size: 0 } satisfies DmabufInfo;
  #next = FIRST_FD;
  #attached = 0;
  #mapped = 0;
  #pages = 0;

  /** Descriptors that are open. */
  get openFds(): number {
    return this.#open.size;
  }

  get attachments(): number {
    return this.#attached;
  }

  get mappings(): number {
    return this.#mapped;
  }

  /** Allocations that were not freed. */
  get allocations(): number {
    return this.#pages;
  }

  allocate(length: number, offset: number): Pages {
    const pages = heapPages.allocate(length, offset);
    this.#pages++;
    return {
      ...pages,
      free: () => {
        pages.free();
        this.#pages--;
      },
    };
  }

  /** A descriptor for any bytes, as if another device had exported them. */
  descriptorOf(bytes: Uint8Array): number {
    this.#open.set(this.#next, bytes);
    if (!this.#inodes.has(bytes)) this.#inodes.set(bytes, this.#inodes.size + 1);
    return this.#next++;
  }

  /** Another descriptor for the same memory; -1 if `fd` is not open. */
  dup(fd: number): number {
    const bytes = this.#open.get(fd);
    return bytes === undefined ? -1 : this.descriptorOf(bytes);
  }

  inspect(fd: number): DmabufInfo | undefined {
    const bytes = this.#open.get(fd);
    if (bytes === undefined) return undefined;
    this.#info.inode = this.#inodes.get(bytes) ?? 0;
    this.#info.size = bytes.length;
    return this.#info;
  }

  attach(fd: number): number {
    const own = this.dup(fd);
    if (own >= 0) this.#attached++;
    return own;
  }

  detach(attached: number): void {
    this.#attached--;
    this.close(attached);
  }

  map(attached: number, length: number) {
    const bytes = this.#open.get(attached);
    if (bytes === undefined || bytes.length < length) return undefined;
    this.#mapped++;
    return {
      bytes: bytes.subarray(0, length),
      unmap: () => {
        this.#mapped--;
      },
    };
  }

  export(pages: Pages): number {
    return this.descriptorOf(pages.bytes);
  }

  close(fd: number): void {
    this.#open.delete(fd);
  }
}
