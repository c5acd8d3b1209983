/** Memory that is ours: the planes of MMAP buffers. */
import { driverBug } from '../base/bug.ts';
import { EINVAL, Errno } from '../base/errno.ts';
import type { DmaDirection, MappedPlane } from './mem-ops.ts';
import { mergeChanges } from './merge.ts';
import type { PageAllocator, Pages } from './pages.ts';

/**
 * Memory of one plane and the count of those who hold it.
 *
 * A plane can be reached in two ways: through the video device at its mmap cookie, and through an exported
 * descriptor at offset 0. One file cannot hold it at both places, and the exported descriptor must not pass
 * for the open file that it came from, so an exported plane has a second file with a copy. The driver works on
 * that one from then on; as long as nobody has mapped the first, that is all. If somebody has, both are made
 * equal whenever the buffer changes hands, which is when other machines flush their caches.
 */
export class AllocatedMemory {
  readonly #source: PageAllocator;
  readonly #direction: DmaDirection;
  readonly #onFree: () => void;
  /** What programs get that map the plane at its cookie. */
  readonly #mapped: Pages;
  #exported: Pages | undefined = undefined;
  /** What the driver works on: one of the two above. It stays the same while the driver has the buffer. */
  #current: Pages;
  /** Output only: what both copies were when they were last equal; tells which of them a program has changed. */
  #agreed: Uint8Array | undefined = undefined;
  #users = 1;
  #mappedOutside = false;
  /** Somebody has mapped the plane at its cookie, here or outside. */
  #everMapped = false;
  #deviceHasIt = false;

  constructor(source: PageAllocator, pages: Pages, direction: DmaDirection, onFree: () => void = () => {}) {
    this.#source = source;
    this.#direction = direction;
    this.#onFree = onFree;
    this.#mapped = pages;
    this.#current = pages;
  }

  get bytes(): Uint8Array {
    return this.#current.bytes;
  }

  /** Holders of the memory: the framework, users in this process, and one more if a program has it mapped or exported. */
  get numUsers(): number {
    if (this.#mappedOutside && this.#mapped.isShared?.() === false) this.#mappedOutside = false;
    const exported = this.#exported !== undefined && this.#exported.isShared?.() !== false;
    return this.#users + (this.#mappedOutside || exported ? 1 : 0);
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
    if (--this.#users > 0) return;
    this.#mapped.free();
    this.#exported?.free();
    this.#onFree();
  }

  /**
   * A mapping in this process counts as a user until it is unmapped. One outside holds the pages through the
   * system's kernel, which does not tell when it ends: {@link numUsers} asks.
   */
  map(): MappedPlane {
    const plane = this.#mapped;
    const { fd } = plane;
    if (!this.#twoCopies && this.#current !== plane) plane.bytes.set(this.#current.bytes);
    this.#everMapped = true;
    this.#agree();
    if (fd >= 0) {
      this.#mappedOutside = true;
      return {
        get bytes() {
          return plane.bytes;
        },
        fd,
        unmap: () => {},
      };
    }
    this.get();
    let mapped = true;
    const unmap = () => {
      if (mapped) this.put();
      mapped = false;
    };
    return { bytes: plane.bytes, fd, unmap };
  }

  /** Somebody looks at each of the two copies. */
  get #twoCopies(): boolean {
    return this.#exported !== undefined && this.#everMapped;
  }

  /** A descriptor of this process for the plane, at offset 0 of its file. */
  export(flags: number): number {
    const mapper = this.#source.dmabuf;
    if (mapper === undefined) throw new Errno(EINVAL, 'this memory cannot be exported');
    this.#exported ??= this.#copyForExport();
    const fd = mapper.export(this.#exported, flags);
    if (fd < 0) throw new Errno(EINVAL, 'there is no descriptor for the memory');
    return fd;
  }

  #copyForExport(): Pages {
    const copy = this.#source.allocate(this.#mapped.bytes.length, 0);
    copy.bytes.set(this.#mapped.bytes);
    if (!this.#deviceHasIt) this.#current = copy;
    this.#exported = copy;
    this.#agree();
    return copy;
  }

  #agree(): void {
    if (!this.#twoCopies || this.#direction === 'FROM_DEVICE') return;
    this.#agreed ??= new Uint8Array(this.#current.bytes.length);
    this.#agreed.set(this.#current.bytes);
  }

  /** The driver gets the buffer: what programs wrote through either copy is in the one that it works on. */
  prepare(): void {
    this.#deviceHasIt = true;
    if (!this.#twoCopies || this.#agreed === undefined) return;
    const other = this.#other;
    mergeChanges(this.#current.bytes, other.bytes, this.#agreed);
    other.bytes.set(this.#current.bytes);
    this.#agreed.set(this.#current.bytes);
  }

  /** The driver has written the first `written` bytes. */
  finish(written: number): void {
    this.#deviceHasIt = false;
    if (this.#exported === undefined) return;
    const late = this.#current !== this.#exported;
    if (this.#direction !== 'TO_DEVICE' && written > 0 && (late || this.#twoCopies)) {
      this.#other.bytes.set(this.#current.bytes.subarray(0, written));
    }
    // Exported while the driver had the buffer: it changes over only now.
    this.#current = this.#exported;
    this.#agree();
  }

  get #other(): Pages {
    return this.#current === this.#mapped ? (this.#exported as Pages) : this.#mapped;
  }
}
