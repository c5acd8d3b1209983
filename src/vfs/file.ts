/**
 * The seam between what serves a device (the V4L2 core) and what brings calls to it (the syscall door, or a
 * test in this process): the kernel's `struct file` and `struct file_operations`.
 *
 * Every operation runs to completion on one thread. A call that would have to sleep says so with
 * {@link WOULD_BLOCK} after naming the wait queue; the door calls the same operation again, from the start,
 * when that queue wakes, so an operation must not have changed anything before it decides to block.
 * A client's mistake is thrown as an `Errno`; nothing else may be thrown.
 */
import { WaitQueue } from '../base/wait-queue.ts';

export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLRDNORM = 0x040;
export const POLLWRNORM = 0x100;

/**
 * Beside the bits that a program asks poll() for: it asks at this moment. The kernel then makes an idle queue that can
 * be read begin to read, so that there will be something to wait for. A face that is kept up to date whether or not
 * anybody looks must not do that, and leaves this bit out.
 */
export const POLL_NOW = 1 << 16;

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 1;

/** The result of an operation that has to wait: the caller is asleep on the queue it named. */
export const WOULD_BLOCK = -1;

/**
 * A range of a program's memory that stays ours to use after the call that named it: the kernel's pinned pages.
 * A device works on {@link bytes}; what it wrote reaches the program with {@link flush}, what the program wrote
 * reaches the device with {@link fetch}. It is let go with {@link release} on every path.
 */
export interface PinnedMemory {
  readonly bytes: Uint8Array;
  /** Brings the first `length` bytes from the program, into `to` if that is given; false if the program is gone. */
  fetch(length: number, to?: Uint8Array): boolean;
  /** Brings the first `length` bytes to the program, not one more; false if the program is gone. */
  flush(length: number): boolean;
  release(): void;
}

/**
 * An address as a program wrote it. With a tag in bits that its processor ignores it is a bigint, and only whoever
 * implements {@link UserMemory} knows where that is.
 */
export type UserAddress = number | bigint;

/**
 * The memory of the calling program. Ranges may be of any length: whoever serves them cuts them as it must. All throw
 * EFAULT when any byte of the range is out of reach; what was moved before that byte may have been moved.
 */
export interface UserMemory {
  /** copy_from_user: fills `destination` from `address` on. */
  read(address: UserAddress, destination: Uint8Array): void;
  /** copy_to_user: writes `source` to `address` on. */
  write(address: UserAddress, source: Uint8Array): void;
  /**
   * get_user_pages: takes `length` bytes at `address` for later use. The program must be allowed to write all of them if they are
   * `written`, and to read all of them if not.
   */
  pin(address: UserAddress, length: number, written: boolean): PinnedMemory;
}

/** Who is calling: one thread of a program. The same thread is the same object from call to call. */
export interface Caller {
  readonly memory: UserMemory;
  /**
   * Puts the caller to sleep until `queue` wakes; an operation returns what this returns. `interrupted` is called
   * if a signal or the end of the caller ends the sleep instead: an operation that holds something while it sleeps gives
   * it back there. A number above 0 that it returns is what the call comes to in the place of EINTR: the bytes that were
   * moved until then. WOULD_BLOCK says that the operation cannot be interrupted: the caller sleeps on if it can, and the
   * operation goes on without it if not. It is called too when the call has come to its end, which may be without the
   * operation (the device has gone); an operation that has ended by itself has nothing left to do there.
   */
  sleep(queue: WaitQueue, interrupted?: () => number | undefined): typeof WOULD_BLOCK;
  /**
   * Puts `fd`, a descriptor of this process, into the program and gives its number there. It is the program's
   * from then on; ours stays ours.
   */
  installFd(fd: number, cloexec: boolean): number;
  /** A descriptor of this process for what the program has as `fd`, to be closed by us; throws EBADF. */
  takeFd(fd: number): number;
  /**
   * `work` is done when the call has been answered: what the caller need not wait for, and nobody else may miss. It is
   * called as long as it returns true, and between two of its pieces other calls are served: what takes as long as many
   * calls comes in pieces that take about as long as one. The same `work` is done once, however often it was asked for
   * meanwhile. (In the kernel this is a work queue, or the hardware.)
   */
  afterwards(work: () => boolean): void;
  /** True while it sleeps. Turns false by itself when the thread is interrupted or dies. */
  readonly asleep: boolean;
}

/** What a program asks of mmap(). `offset` and `length` in bytes, `prot` and `flags` as in <sys/mman.h>. */
export interface MmapRequest {
  readonly offset: number;
  readonly length: number;
  readonly prot: number;
  readonly flags: number;
}

/** Memory that a program can map: a file descriptor whose bytes at the asked offset are the buffer. */
export interface Mappable {
  readonly fd: number;
  /**
   * Called once, when no process has anything of this mapping any more (or when it never came to be): a device that wants
   * to know says so by having this. Such a mapping holds the open file: the device hears of that, before it may hear of
   * the release of the file. @kernel vm_operations_struct.close
   */
  unmapped?(): void;
}

/**
 * What the door asks of a device. One call at a time, each to its end. Whatever is thrown is an `Errno`, and becomes the
 * result of the program's call.
 *
 * @kernel file_operations
 */
export interface FileOperations {
  /** A program opens the device; `file` is new. When it throws, there is no open file, and no release either. */
  open(file: File): void;

  /**
   * The last reference to the open file is gone: the last descriptor, or the last process that had one, and the last
   * mapping that holds it. Cannot fail.
   */
  release(file: File): void;

  /**
   * `cmd` as the program gave it, `arg` an address in its memory (or a number, by the meaning of `cmd`). Returns a
   * number >= 0, or WOULD_BLOCK.
   */
  ioctl(file: File, cmd: number, arg: number, caller: Caller): number;

  /** Gives the memory to be mapped; the door lets the program's kernel map it at the same offset. */
  mmap(file: File, request: MmapRequest): Mappable;

  /**
   * The bits (POLLIN …) that are up now, given that the program asks for `requested`, see {@link POLL_NOW}; bits that
   * were not asked for may be among them. Whenever the answer may have changed, `file.pollWait` is told. Cannot fail.
   */
  poll(file: File, requested: number): number;

  /** Moves up to `count` bytes to `address` in the program. Returns how many, 0 at the end, or WOULD_BLOCK. */
  read(file: File, address: number, count: number, caller: Caller): number;

  /** Takes up to `count` bytes from `address` in the program. Returns how many, or WOULD_BLOCK. */
  write(file: File, address: number, count: number, caller: Caller): number;

  /**
   * The answer of the last operation on `file`, which was ioctl `cmd`, could not be delivered: its caller was
   * signalled or died. Returns true if the operation was taken back, as if it had never been, or had changed nothing
   * that could be taken back; false if it stands, and the door then gives the same answer to the same call when the
   * program makes it again. Cannot fail.
   */
  undelivered(file: File, cmd: number): boolean;
}

/** What an open file may be used for: the kernel's FMODE_READ and FMODE_WRITE. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
}

const READ_WRITE: Access = { read: true, write: true };

/** An open file description: shared by dup and fork, gone with the last descriptor. */
export class File {
  readonly device: CharDevice;
  /** O_NONBLOCK as it is now; it belongs to the open file and fcntl() changes it at any time. */
  readonly nonblock: () => boolean;
  /** Told whenever the answer of poll() may have changed, in either direction; woken only by what is news to who waits. */
  readonly pollWait = new WaitQueue();
  /**
   * A program has asked for events: somebody may wait for PRI and nothing else. Set by the device before the first event
   * can come, and by the door when it sees such a wait; never taken back.
   */
  awaitsEvents = false;
  /** The driver's own (a V4l2Fh), set by open(). */
  privateData: unknown = undefined;
  /** Checked by whoever brings read, write and mmap calls, before the device hears of them. */
  readonly access: Access;
  #references = 1;

  constructor(device: CharDevice, nonblock: () => boolean, access: Access = READ_WRITE) {
    this.device = device;
    this.nonblock = nonblock;
    this.access = access;
  }

  /** Holds the file open: a mapping does. */
  get(): void {
    this.#references++;
  }

  /** The end of whoever held it open, descriptors all together as one: the last releases it. @kernel fput */
  put(): void {
    if (--this.#references === 0) this.device.fops.release(this);
  }
}

/** A device of a bus, in sysfs: directories with their files and links. */
export interface BusDevice {
  /** The directory in which the node's own lies: `/sys/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0`. */
  readonly path: string;
  /** What is in it and above it, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
}

/** A device node and how it shows in /dev, /sys and to udev. */
export interface CharDevice {
  /** The name in /dev, e.g. `video0`. */
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  readonly fops: FileOperations;
  /** Its class in /sys/class, e.g. `video4linux`; its bus in /sys/bus if {@link isOnBus}. */
  readonly subsystem: string;
  /** It is of a bus, and so of no class: it lies in its parent itself, and has no link to that. */
  readonly isOnBus?: boolean;
  /** Files in the device's sysfs directory beside `dev` and `uevent`: name and content without newline. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Those of them that root may write: take what is written, or throw Errno. */
  readonly stores?: Readonly<Record<string, (text: string) => void>>;
  /** What it is plugged into; without it the device is a virtual one. */
  readonly parent?: BusDevice | undefined;
  /** Properties of the udev database, e.g. `ID_V4L_VERSION` → `2`. */
  readonly udevProperties: Readonly<Record<string, string>>;
  /** Further names that udev gives it in /dev, as links: `v4l/by-path/platform-vivi-000-video-index0`. */
  readonly links: readonly string[];
}
