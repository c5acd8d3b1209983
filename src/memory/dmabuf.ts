/** Memory that goes from program to program as a file descriptor: the kernel's dma-buf. */
import { driverBug } from '../base/bug.ts';
import { NO_BYTES } from '../base/bytes.ts';
import { EFAULT, EINVAL, Errno } from '../base/errno.ts';
import type { DmabufInfo, DmaDirection } from './mem-ops.ts';
import type { Pages } from './pages.ts';

/** Bytes behind a descriptor, mapped into this process. */
export interface DmabufMapping {
  readonly bytes: Uint8Array;
  /** For memory that can only be used by copy: brings the first `length` bytes here. */
  fetch?(length: number): void;
  /** And takes the first `length` bytes there. */
  flush?(length: number): void;
  unmap(): void;
}

/**
 * What descriptors are made of: memfds outside tests (memfd.ts), numbers of a table in them (heap-dmabuf.ts).
 * Importing a memory goes attach → map → unmap → detach; each step is undone exactly once.
 */
export interface DmabufMapper {
  /** Which memory `fd` is; `undefined` if it is no memory. The answer is used again by the next call. */
  inspect(fd: number): DmabufInfo | undefined;
  /** A descriptor of our own for the same memory, which outlives `fd`; -1 if there is none to be had. */
  attach(fd: number): number;
  detach(attached: number): void;
  /** Maps the first `length` bytes, readable and writable; `undefined` if that is impossible. */
  map(attached: number, length: number): DmabufMapping | undefined;
  /** A new descriptor for pages that lie at offset 0 of their file, with the access mode of `flags`; -1 on failure. */
  export(pages: Pages, flags: number): number;
  /** Closes a descriptor that {@link export} gave, or that a program sent. */
  close(fd: number): void;
}

/** Memory of somebody else that a plane uses. */
export class ImportedMemory {
  readonly length: number;
  readonly #mapper: DmabufMapper;
  readonly #direction: DmaDirection;
  #attached: number;
  #mapping: DmabufMapping | undefined = undefined;

  constructor(mapper: DmabufMapper, fd: number, length: number, direction: DmaDirection) {
    this.#mapper = mapper;
    this.length = length;
    this.#direction = direction;
    this.#attached = mapper.attach(fd);
    if (this.#attached < 0) throw new Errno(EINVAL, 'the descriptor cannot be imported');
  }

  get bytes(): Uint8Array {
    return this.#mapping?.bytes ?? NO_BYTES;
  }

  get numUsers(): number {
    return 1;
  }

  prepare(used: number): void {
    if (this.#direction !== 'FROM_DEVICE' && used > 0) this.#mapping?.fetch?.(used);
  }

  finish(written: number): void {
    if (this.#direction !== 'TO_DEVICE' && written > 0) this.#mapping?.flush?.(written);
  }

  map(): void {
    if (this.#mapping !== undefined) driverBug('an imported plane is mapped already');
    this.#mapping ??= this.#mapper.map(this.#attached, this.length);
    if (this.#mapping === undefined) throw new Errno(EFAULT, 'the imported memory cannot be mapped');
  }

  unmap(): void {
    if (this.#mapping === undefined) driverBug('an imported plane is not mapped');
    this.#mapping?.unmap();
    this.#mapping = undefined;
  }

  detach(): void {
    if (this.#mapping !== undefined) {
      driverBug('an imported plane is detached while it is mapped');
      this.unmap();
    }
    if (this.#attached < 0) driverBug('an imported plane is detached twice');
    else this.#mapper.detach(this.#attached);
    this.#attached = -1;
  }
}
