import { answerFor } from '../base/bug.ts';
import { EINVAL, ENODEV, ENXIO, Errno } from '../base/errno.ts';
import {
  type Caller,
  type File,
  type FileOperations,
  type Mappable,
  type MmapRequest,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDNORM,
  POLLWRNORM,
  WOULD_BLOCK,
} from '../vfs/file.ts';
import { videoIoctl2 } from './ioctl/dispatch.ts';
import { ioctlInfo } from './ioctl/table.ts';
import { fhOf, V4l2Fh } from './v4l2-fh.ts';
import type { VideoDevice } from './video-device.ts';

/**
 * What a driver does beside ioctls. All are optional; `vb2Fops` has them for a driver with a queue of videobuf2,
 * `fhQueueFops` and `v4l2M2mFops` for drivers with more than one.
 *
 * The core calls them one at a time, each to its end, and only while the device is registered, but for `release`, which
 * is always called, and for a `read` or `write` that slept when the device went. `fh.file.access` says what the file was opened for, and the door has checked it. "May fail" means:
 * may throw an `Errno`, which the program is told. Anything else that is thrown is reported as a bug of the driver, and
 * the program is told EIO.
 *
 * @kernel v4l2_file_operations
 */
export interface V4l2FileOperations<D = unknown, F = unknown> {
  /**
   * A program opens the node: the place to fill the slots of `fh` and to bind queues of its own to it. The core has made
   * it already, and counts it; it undoes that if this fails, and release is then not called. May fail: EBUSY for a device
   * that serves one at a time.
   *
   * @kernel v4l2_fh_open
   */
  open?(fh: V4l2Fh<D, F>): void;

  /**
   * The last descriptor of the open file is closed, or its last holder has died; also after the device has gone. Whatever
   * open() took is given back: buffers are freed, a stream that it owned stops. Must not fail.
   *
   * @kernel vb2_fop_release
   */
  release?(fh: V4l2Fh<D, F>): void;

  /**
   * The memory to be mapped for `request`: the one that has `request.offset`, as QUERYBUF gave it. The program's kernel
   * maps its `fd` at that same offset; it stays valid for as long as anybody has it mapped. EINVAL for an offset that no
   * buffer has, too many bytes, or the wrong protection. Without the operation: ENODEV.
   *
   * @kernel vb2_fop_mmap
   */
  mmap?(fh: V4l2Fh<D, F>, request: MmapRequest): Mappable;

  /**
   * The bits (POLLIN …) that are up now. `requested` are those that the program waits for: a driver may leave out what was
   * not asked for, and must not say ERR to who waits for events only. It may begin to stream (for a program that goes on
   * to read) only with POLL_NOW among them; without, the answer is for a face that is kept up to date, and must change
   * nothing. Called often: after every wake-up of `fh.file.pollWait`, which the driver (or its queue) wakes whenever the
   * answer may have changed. The core adds PRI for events. Must not fail. Without it the device is always ready.
   *
   * @kernel vb2_fop_poll
   */
  poll?(fh: V4l2Fh<D, F>, requested: number): number;

  /**
   * Moves up to `count` bytes, at most to the end of a frame, to `address` in the program (`caller.memory.write`). Returns how
   * many, 0 for the end of the stream; or WOULD_BLOCK after `caller.sleep()`, before anything has changed, and is then called
   * again from the start. EAGAIN instead if `fh.file.nonblock()`, EBUSY while somebody streams, EFAULT for memory that is out of
   * reach. Without it: EINVAL.
   *
   * @kernel vb2_fop_read
   */
  read?(fh: V4l2Fh<D, F>, address: number, count: number, caller: Caller): number;

  /** Takes up to `count` bytes from `address` in the program; the rest as {@link read}. @kernel vb2_fop_write */
  write?(fh: V4l2Fh<D, F>, address: number, count: number, caller: Caller): number;

  /**
   * The answer of the last ioctl of this open file, which was a DQBUF, did not reach the program: true if the buffer is
   * back at the head of the queue, as if it had never been taken; false if the queue has moved on. Must not fail.
   * (No such thing in the kernel: a system call that took effect always answers.)
   */
  undqbuf?(fh: V4l2Fh<D, F>): boolean;
}

/** The `result` of a call; who has to wait is let in again. */
function stayed(fh: V4l2Fh, result: number, caller: Caller): number {
  if (result === WOULD_BLOCK) fh.fallAsleep(caller);
  return result;
}

/** What poll() says of a file that has no poll operation. */
const ALWAYS_READY = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/**
 * What programs reach through an open file of a video device: checks that the device is there, then the driver.
 * Programs are told errnos and nothing else: what a driver throws by mistake is reported, and EIO.
 *
 * @kernel v4l2_fops
 */
export class V4l2DeviceFops implements FileOperations {
  readonly #vdev: VideoDevice;
  readonly #driver: V4l2FileOperations;

  constructor(vdev: VideoDevice, driver: V4l2FileOperations) {
    this.#vdev = vdev;
    this.#driver = driver;
  }

  /** A node that outlives its device leads nowhere once the last file is closed. @kernel v4l2_open */
  open(file: File): void {
    const { isRegistered, fhs, label } = this.#vdev;
    if (!isRegistered && fhs.size === 0) throw new Errno(ENXIO, `nothing is left of ${label}`);
    this.#checkRegistered();
    const fh = new V4l2Fh(this.#vdev, file);
    file.privateData = fh;
    try {
      this.#driver.open?.(fh);
    } catch (thrown) {
      fh.exit();
      throw this.#answerFor(thrown, 'open');
    }
  }

  release(file: File): void {
    const fh = fhOf(file);
    try {
      this.#driver.release?.(fh);
    } catch (thrown) {
      // Nobody is left who could be told; what is reported here is no Errno.
      this.#answerFor(thrown, 'release');
    } finally {
      fh.exit();
    }
  }

  ioctl(file: File, cmd: number, arg: number, caller: Caller): number {
    try {
      return videoIoctl2(file, cmd, arg, caller);
    } catch (thrown) {
      throw this.#answerFor(thrown, 'ioctl');
    }
  }

  mmap(file: File, request: MmapRequest): Mappable {
    this.#checkRegistered();
    if (this.#driver.mmap === undefined) throw new Errno(ENODEV, `${this.#vdev.label} has no memory to map`);
    try {
      return this.#driver.mmap(fhOf(file), request);
    } catch (thrown) {
      throw this.#answerFor(thrown, 'mmap');
    }
  }

  poll(file: File, requested: number): number {
    if (!this.#vdev.isRegistered) return POLLERR | POLLHUP | POLLPRI;
    const fh = fhOf(file);
    // Whatever the driver looks at: events are the core's.
    const pri = fh.events?.pending ? POLLPRI : 0;
    try {
      return (this.#driver.poll?.(fh, requested) ?? ALWAYS_READY) | pri;
    } catch (thrown) {
      this.#answerFor(thrown, 'poll');
      return POLLERR | pri;
    }
  }

  read(file: File, address: number, count: number, caller: Caller): number {
    if (this.#driver.read === undefined) throw new Errno(EINVAL, `${this.#vdev.label} cannot be read`);
    const fh = this.#letIn(file, caller);
    try {
      return stayed(fh, this.#driver.read(fh, address, count, caller), caller);
    } catch (thrown) {
      throw this.#answerFor(thrown, 'read');
    }
  }

  write(file: File, address: number, count: number, caller: Caller): number {
    if (this.#driver.write === undefined) throw new Errno(EINVAL, `${this.#vdev.label} cannot be written`);
    const fh = this.#letIn(file, caller);
    try {
      return stayed(fh, this.#driver.write(fh, address, count, caller), caller);
    } catch (thrown) {
      throw this.#answerFor(thrown, 'write');
    }
  }

  undelivered(file: File, cmd: number): boolean {
    const info = ioctlInfo(cmd >>> 0);
    if (info === undefined || !this.#vdev.isRegistered) return false;
    return info.takesEffect ? (info.takeBack?.(fhOf(file)) ?? false) : true;
  }

  /** Who sleeps while the device goes was let in when it came: what becomes of its call its queue says. */
  #letIn(file: File, caller: Caller): V4l2Fh {
    const fh = fhOf(file);
    if (!fh.wake(caller)) this.#checkRegistered();
    return fh;
  }

  #checkRegistered(): void {
    if (!this.#vdev.isRegistered) throw new Errno(ENODEV, 'the device is gone');
  }

  #answerFor(thrown: unknown, name: string): Errno {
    return answerFor(thrown, `${this.#vdev.label}: ${name}`);
  }
}
