import { answerFor } from '../base/bug.ts';
import { EINVAL, ENODEV, Errno } from '../base/errno.ts';
import {
  type Caller,
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
} from '../vfs/file.ts';
import { videoIoctl2 } from './ioctl/dispatch.ts';
import { ioctlInfo } from './ioctl/table.ts';
import { fhOf, V4l2Fh } from './v4l2-fh.ts';
import type { VideoDevice } from './video-device.ts';

/**
 * What a driver does beside ioctls. All are optional; `vb2Fops` has them for a driver with a videobuf2 queue.
 * The core calls them only while the device is registered, but for `release`, which is always called.
 *
 * @kernel v4l2_file_operations
 */
export interface V4l2FileOperations<D = unknown, F = unknown> {
  /** A program opens the node, the core has made the V4l2Fh already. May fail. */
  open?(fh: V4l2Fh<D, F>): void;
  /** The open file is gone. Must not fail. */
  release?(fh: V4l2Fh<D, F>): void;
  /** The memory at an offset that QUERYBUF gave. Without it: ENODEV. */
  mmap?(fh: V4l2Fh<D, F>, request: MmapRequest): Mappable;
  /** The bits that are up. Without it the device is always ready. */
  poll?(fh: V4l2Fh<D, F>, requested: number): number;
  /** Bytes moved, or WOULD_BLOCK. Without it: EINVAL. */
  read?(fh: V4l2Fh<D, F>, address: number, count: number, caller: Caller): number;
  write?(fh: V4l2Fh<D, F>, address: number, count: number, caller: Caller): number;
  /** Takes back a DQBUF whose answer did not arrive; returns whether it could. */
  undqbuf?(fh: V4l2Fh<D, F>): boolean;
}

/** What poll() says of a file that has no poll operation. */
const ALWAYS_READY = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/** What programs reach through an open file of `vdev`: checks that the device is there, then the driver. */
export function v4l2Fops(vdev: VideoDevice, driver: V4l2FileOperations): FileOperations {
  function checkRegistered(): void {
    if (!vdev.isRegistered) throw new Errno(ENODEV, 'the device is gone');
  }

  /** Programs are told errnos and nothing else: what a driver throws by mistake is reported, and EIO. */
  function guarded<O extends keyof FileOperations>(name: O, operation: FileOperations[O]): FileOperations[O] {
    const call = operation as (a: unknown, b: unknown, c: unknown, d: unknown) => unknown;
    const guard: typeof call = (a, b, c, d) => {
      try {
        return call(a, b, c, d);
      } catch (thrown) {
        throw answerFor(thrown, `${vdev.label}: ${name}`);
      }
    };
    return guard as FileOperations[O];
  }

  return {
    open: guarded('open', (file) => {
      checkRegistered();
      const fh = new V4l2Fh(vdev, file);
      file.privateData = fh;
      try {
        driver.open?.(fh);
      } catch (error) {
        fh.exit();
        throw error;
      }
    }),

    release(file) {
      const fh = fhOf(file);
      try {
        driver.release?.(fh);
      } catch (thrown) {
        // Nobody is left who could be told; what is reported here is no Errno.
        answerFor(thrown, `${vdev.label}: release`);
      } finally {
        fh.exit();
      }
    },

    ioctl: guarded('ioctl', videoIoctl2),

    mmap: guarded('mmap', (file, request) => {
      checkRegistered();
      if (driver.mmap === undefined) throw new Errno(ENODEV, `${vdev.label} has no memory to map`);
      return driver.mmap(fhOf(file), request);
    }),

    poll(file, requested) {
      if (!vdev.isRegistered) return POLLERR | POLLHUP | POLLPRI;
      try {
        const fh = fhOf(file);
        const bits = driver.poll?.(fh, requested) ?? ALWAYS_READY;
        // Whatever the driver looked at: events are the core's.
        return fh.events?.pending ? bits | POLLPRI : bits;
      } catch (thrown) {
        answerFor(thrown, `${vdev.label}: poll`);
        return POLLERR;
      }
    },

    read: guarded('read', (file, address, count, caller) => {
      checkRegistered();
      if (driver.read === undefined) throw new Errno(EINVAL, `${vdev.label} cannot be read`);
      return driver.read(fhOf(file), address, count, caller);
    }),

    write: guarded('write', (file, address, count, caller) => {
      checkRegistered();
      if (driver.write === undefined) throw new Errno(EINVAL, `${vdev.label} cannot be written`);
      return driver.write(fhOf(file), address, count, caller);
    }),

    undelivered(file, cmd) {
      const info = ioctlInfo(cmd >>> 0);
      if (info === undefined || !vdev.isRegistered) return false;
      return info.takesEffect ? (info.takeBack?.(fhOf(file)) ?? false) : true;
    },
  };
}
