/** Memory with an address: what the C library reads and writes, and what this process shares with others. */
// Not those of the global object: a test runner with a page's (Jest with jsdom) has none.
import { TextEncoder } from 'node:util';
import { koffi } from './koffi.ts';
import { mmap, munmap } from './libc.ts';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_ANONYMOUS = 0x20;
const MAP_FIXED = 0x10;
const MAP_NORESERVE = 0x4000;
const MAP_POPULATE = 0x8000;

/**
 * A mapping of this process. {@link NativeMemory.unmap} gives the memory back at once; views of it that
 * somebody still holds then read zeros and write to nowhere, they never touch what is not theirs.
 */
export interface NativeMemory {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  unmap(): void;
}

/** Unmaps the address range of a buffer when no view of it is left. */
const leftovers = new FinalizationRegistry<{ address: number; length: number }>(({ address, length }) => {
  munmap(address, length);
});

/** Puts an empty mapping in the place of one that goes: a stale view must not be a wild pointer. */
function retire(buffer: ArrayBuffer, address: number, length: number): void {
  mmap(address, length, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  leftovers.register(buffer, { address, length });
}

const addresses = new WeakMap<ArrayBufferLike, number>();

/** Where `bytes` are, if they are a window on native memory. */
export function addressOf(bytes: Uint8Array): number | undefined {
  const start = addresses.get(bytes.buffer);
  return start === undefined ? undefined : start + bytes.byteOffset;
}

function viewOf(address: number, length: number): ArrayBuffer {
  const buffer = koffi.view(address, length) as ArrayBuffer;
  addresses.set(buffer, address);
  return buffer;
}

function wrap(address: number, length: number): NativeMemory {
  const buffer = viewOf(address, length);
  return {
    address,
    bytes: new Uint8Array(buffer),
    view: new DataView(buffer),
    unmap: () => retire(buffer, address, length),
  };
}

/** `length` zeroed bytes, whole pages, for the exchange with the C library. */
export function allocateNative(length: number): NativeMemory {
  const address = mmap(0, length, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address === -1) throw new Error(`cannot map ${length} bytes of memory`);
  return wrap(address, length);
}

/**
 * Memory of frames. It is seen by V8 only when somebody here looks at it, as V8 collects garbage whenever it has come to see
 * so and so many bytes of that kind; and most buffers that programs ask for come and go without a frame.
 */
class SharedMemory implements NativeMemory {
  readonly address: number;
  readonly #length: number;
  #bytes: Uint8Array | undefined;
  #isUnmapped = false;

  constructor(address: number, length: number) {
    this.address = address;
    this.#length = length;
  }

  get bytes(): Uint8Array {
    // What is looked at for the first time when it is gone is empty, as what somebody still holds is then.
    this.#bytes ??= new Uint8Array(
      this.#isUnmapped ? new ArrayBuffer(this.#length) : viewOf(this.address, this.#length),
    );
    return this.#bytes;
  }

  get view(): DataView {
    return new DataView(this.bytes.buffer);
  }

  unmap(): void {
    if (this.#isUnmapped) return;
    this.#isUnmapped = true;
    if (this.#bytes === undefined) munmap(this.address, this.#length);
    else retire(this.#bytes.buffer as ArrayBuffer, this.address, this.#length);
  }
}

/** Maps `length` bytes of `fd` from `offset` on, shared and already faulted in; undefined if there is no room. */
export function mapShared(fd: number, offset: number, length: number): NativeMemory | undefined {
  const address = mmap(0, length, PROT_READ_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  return address === -1 ? undefined : new SharedMemory(address, length);
}

const ENCODER = new TextEncoder();

/** Writes `text` and a NUL at `offset` of `memory` and gives its address. */
export function putCString(memory: NativeMemory, offset: number, text: string): number {
  const room = memory.bytes.subarray(offset, memory.bytes.length - 1);
  const { written } = ENCODER.encodeInto(text, room);
  memory.bytes[offset + written] = 0;
  return memory.address + offset;
}
