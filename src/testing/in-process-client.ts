/**
 * A program in this process, to test drivers with: an address space of its own, open files, and threads that block. It
 * reaches devices the way the syscall door does, through their file operations, so tests see what a program would. With a
 * VirtualClock time moves when the test says so.
 */
import {
  type Fields,
  type Layout,
  type StructView,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_MEMORY_MMAP,
  VIDIOC_DQBUF,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  VIDIOC_STREAMON,
  type ViewOf,
  v4l2_buffer,
  v4l2_requestbuffers,
} from '../abi/index.ts';
import { EFAULT, EINTR, Errno, errnoName } from '../base/errno.ts';
import type { WaitQueue } from '../base/wait-queue.ts';
import { plainAddress } from '../linux/user-address.ts';
import type { MappedPlane } from '../memory/mem-ops.ts';
import { ioctlInfo } from '../v4l2-core/index.ts';
import {
  type Caller,
  type CharDevice,
  File,
  MAP_SHARED,
  PROT_READ,
  type UserMemory,
  WOULD_BLOCK,
} from '../vfs/file.ts';

/** The first address that is mapped; what lies below and behind the memory is out of reach. */
const BASE = 0x10000;

/** No address of the program. */
export const BAD_ADDRESS = 0xdead0000;

/** An ioctl, for messages. */
const nameOf = (cmd: number): string => ioctlInfo(cmd)?.name ?? `ioctl 0x${cmd.toString(16)}`;

/** Calls `operation` and gives its result, or the negative error number that a system call returns. */
function outcome(operation: () => number): number {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Errno) return -error.code;
    throw error;
  }
}

/** A thread that has made one system call, which may not have returned yet. */
export class Thread implements Caller {
  readonly memory: UserMemory;
  readonly #operation: (caller: Caller) => number;
  readonly #onWake = () => {
    this.#woken = true;
  };
  #woken = false;
  #queue: WaitQueue | undefined;
  #interrupted: (() => number | undefined) | undefined;
  #result: number | undefined;
  readonly #afterwards = new Set<() => boolean>();

  constructor(memory: UserMemory, operation: (caller: Caller) => number) {
    this.memory = memory;
    this.#operation = operation;
    this.#call();
  }

  get asleep(): boolean {
    return this.#queue !== undefined;
  }

  /** Descriptors are the same numbers on both sides: device and program are one process. */
  installFd(fd: number): number {
    return fd;
  }

  takeFd(fd: number): number {
    return fd;
  }

  afterwards(work: () => boolean): void {
    this.#afterwards.add(work);
  }

  sleep(queue: WaitQueue, interrupted?: () => number | undefined): typeof WOULD_BLOCK {
    this.#woken = false;
    this.#queue = queue;
    this.#interrupted = interrupted;
    queue.add(this.#onWake);
    return WOULD_BLOCK;
  }

  /** What the call returned, undefined while it blocks. A thread that was woken first looks again. */
  get result(): number | undefined {
    while (this.#woken && this.asleep) {
      const interrupted = this.#interrupted;
      this.#woken = false;
      this.#queue?.remove(this.#onWake);
      // It sleeps until it is known that it need not sleep on.
      this.#call();
      if (!this.asleep) interrupted?.();
    }
    return this.#result;
  }

  /** A signal arrives. A call that cannot be interrupted sleeps on. */
  interrupt(): void {
    if (this.result !== undefined) return;
    const moved = this.#interrupted?.() ?? 0;
    if (moved === WOULD_BLOCK) return;
    this.#leave();
    this.#result = moved > 0 ? moved : -EINTR;
  }

  #leave(): void {
    this.#queue?.remove(this.#onWake);
    this.#queue = undefined;
  }

  #call(): void {
    const result = outcome(() => this.#operation(this));
    if (result !== WOULD_BLOCK) this.#queue = undefined;
    if (!this.asleep) this.#result = result;
    while (this.#afterwards.size > 0)
      for (const work of this.#afterwards) if (!work()) this.#afterwards.delete(work);
  }
}

/** An open file of the program. Results are those of system calls: negative numbers are errors. */
export class ClientFile {
  /** O_NONBLOCK. */
  nonblock: boolean;
  readonly file: File;
  readonly #program: Program;

  constructor(program: Program, device: CharDevice, nonblock: boolean) {
    this.#program = program;
    this.nonblock = nonblock;
    this.file = new File(device, () => this.nonblock);
    device.fops.open(this.file);
  }

  /** An ioctl that may block. `argument` is a struct in the program's memory, or an address. */
  start(cmd: number, argument: StructView | number = 0): Thread {
    const address = typeof argument === 'number' ? argument : this.#program.addressOf(argument);
    const { file } = this;
    return new Thread(this.#program.memory, (caller) => file.device.fops.ioctl(file, cmd, address, caller));
  }

  /** An ioctl that returns at once. */
  ioctl(cmd: number, argument: StructView | number = 0): number {
    const { result } = this.start(cmd, argument);
    if (result === undefined) throw new Error(`${nameOf(cmd)} would block`);
    return result;
  }

  /** An ioctl that must succeed. */
  do(cmd: number, argument: StructView | number = 0): void {
    const result = this.ioctl(cmd, argument);
    if (result < 0) throw new Error(`${nameOf(cmd)}: ${errnoName(-result)}`);
  }

  poll(requested: number): number {
    return this.file.device.fops.poll(this.file, requested);
  }

  read(address: number, count: number): Thread {
    const { file } = this;
    return new Thread(this.#program.memory, (caller) => file.device.fops.read(file, address, count, caller));
  }

  write(address: number, count: number): Thread {
    const { file } = this;
    return new Thread(this.#program.memory, (caller) => file.device.fops.write(file, address, count, caller));
  }

  /** Throws Errno; the mapping is of the same bytes that the driver writes. It lasts until its `unmap()`. */
  mmap(offset: number, length: number, { prot = PROT_READ, flags = MAP_SHARED } = {}): MappedPlane {
    const { file } = this;
    const memory = file.device.fops.mmap(file, { offset, length, prot, flags }) as MappedPlane;
    if (memory.unmapped === undefined) return memory;
    file.get();
    const unmap = () => {
      memory.unmapped?.();
      file.put();
    };
    return { bytes: memory.bytes, fd: memory.fd, unmap };
  }

  /** The last descriptor is closed; a mapping that holds the file still does. */
  close(): void {
    this.file.put();
  }
}

/** A program: its memory and what it opens. */
export class Program {
  readonly #bytes: Uint8Array;
  #used = 0;
  readonly memory: UserMemory = {
    read: (address, destination) => {
      const at = this.#reach(plainAddress(address), destination.length);
      destination.set(this.#bytes.subarray(at, at + destination.length));
    },
    write: (address, source) => {
      this.#bytes.set(source, this.#reach(plainAddress(address), source.length));
    },
    pin: (address, length) => {
      const at = this.#reach(plainAddress(address), length);
      return {
        bytes: this.#bytes.subarray(at, at + length),
        fetch: (count, to) => {
          to?.set(this.#bytes.subarray(at, at + count));
          return true;
        },
        flush: () => true,
        release: () => {},
      };
    },
  };

  constructor(size = 1 << 20) {
    this.#bytes = new Uint8Array(size);
  }

  /** The first address behind all of its memory. */
  get end(): number {
    return BASE + this.#bytes.length;
  }

  open(device: CharDevice, { nonblock = false } = {}): ClientFile {
    return new ClientFile(this, device, nonblock);
  }

  /** A piece of memory, not initialised to anything in particular: 0xa5 in every byte. */
  alloc(length: number): { readonly address: number; readonly bytes: Uint8Array } {
    const at = this.#used;
    this.#used = Math.ceil((at + length) / 8) * 8;
    if (this.#used > this.#bytes.length) throw new Error('the program is out of memory');
    const bytes = this.#bytes.subarray(at, at + length);
    bytes.fill(0xa5);
    return { address: BASE + at, bytes };
  }

  /** A zeroed struct in the memory of the program. */
  make<F extends Fields>(layout: Layout<F>): ViewOf<F> {
    const { bytes } = this.alloc(layout.size);
    bytes.fill(0);
    return layout.at(bytes);
  }

  addressOf(view: StructView): number {
    const bytes = view.$bytes;
    if (bytes.buffer !== this.#bytes.buffer)
      throw new Error('the struct is not in the memory of the program');
    return BASE + bytes.byteOffset;
  }

  #reach(address: number, length: number): number {
    const at = address - BASE;
    if (at < 0 || at + length > this.#bytes.length) throw new Errno(EFAULT, `no memory at ${address}`);
    return at;
  }
}

/** A capture stream with mapped buffers, all of them queued. */
export class Capture {
  readonly program: Program;
  readonly file: ClientFile;
  readonly planes: readonly Uint8Array[];
  readonly buffer: v4l2_buffer;

  constructor(program: Program, file: ClientFile, buffers = 4) {
    this.program = program;
    this.file = file;
    const req = program.make(v4l2_requestbuffers);
    req.count = buffers;
    req.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    req.memory = V4L2_MEMORY_MMAP;
    file.do(VIDIOC_REQBUFS, req);
    this.buffer = program.make(v4l2_buffer);
    this.planes = Array.from({ length: req.count }, (_, index) => this.#map(index));
    for (let index = 0; index < req.count; index++) this.qbuf(index);
  }

  #reset(index: number): void {
    this.buffer.$bytes.fill(0);
    this.buffer.index = index;
    this.buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    this.buffer.memory = V4L2_MEMORY_MMAP;
  }

  #map(index: number): Uint8Array {
    this.#reset(index);
    this.file.do(VIDIOC_QUERYBUF, this.buffer);
    return this.file.mmap(this.buffer.m.offset, this.buffer.length).bytes;
  }

  streamon(): void {
    const type = this.program.alloc(4);
    new DataView(type.bytes.buffer, type.bytes.byteOffset).setInt32(0, V4L2_BUF_TYPE_VIDEO_CAPTURE, true);
    this.file.do(VIDIOC_STREAMON, type.address);
  }

  qbuf(index: number): void {
    this.#reset(index);
    this.file.do(VIDIOC_QBUF, this.buffer);
  }

  /** Takes the frame that must be there; it is described in `buffer`. */
  dqbuf(): v4l2_buffer {
    this.#reset(0);
    this.file.do(VIDIOC_DQBUF, this.buffer);
    return this.buffer;
  }

  /** The bytes of the frame that dqbuf() has taken. */
  get frame(): Uint8Array {
    return (this.planes[this.buffer.index] as Uint8Array).subarray(0, this.buffer.bytesused);
  }
}
