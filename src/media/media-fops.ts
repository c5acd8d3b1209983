import { answerFor } from '../base/bug.ts';
import { EINVAL, EIO, ENODEV, ENXIO, Errno } from '../base/errno.ts';
import {
  type Caller,
  type File,
  type FileOperations,
  type Mappable,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from '../vfs/file.ts';
import { mediaIoctl, takesEffect } from './ioctl.ts';
import type { MediaDevice } from './media-device.ts';

/** What poll() says of a file that has nothing to wait for. */
const ALWAYS_READY = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/**
 * What programs reach through an open file of a media device: ioctls. There is nothing to read, to write or to map.
 *
 * @kernel media_devnode_fops
 */
export class MediaDeviceFops implements FileOperations {
  readonly #mdev: MediaDevice;

  constructor(mdev: MediaDevice) {
    this.#mdev = mdev;
  }

  /** @kernel media_open */
  open(file: File): void {
    if (!this.#mdev.isRegistered) throw new Errno(ENXIO, 'the media device is gone');
    this.#mdev.files.add(file);
  }

  /** @kernel media_release */
  release(file: File): void {
    this.#mdev.files.delete(file);
  }

  /** @kernel media_ioctl */
  ioctl(file: File, cmd: number, arg: number, caller: Caller): number {
    if (!this.#mdev.isRegistered) throw new Errno(EIO, 'the media device is gone');
    try {
      return mediaIoctl(this.#mdev, file, cmd, arg, caller);
    } catch (thrown) {
      throw answerFor(thrown, `${this.#mdev.label}: ioctl`);
    }
  }

  mmap(): Mappable {
    throw new Errno(ENODEV, 'a media device has no memory to map');
  }

  /** @kernel media_poll */
  poll(): number {
    return this.#mdev.isRegistered ? ALWAYS_READY : POLLERR | POLLHUP;
  }

  /** @kernel media_read */
  read(): number {
    throw new Errno(EINVAL, 'a media device cannot be read');
  }

  /** @kernel media_write */
  write(): number {
    throw new Errno(EINVAL, 'a media device cannot be written');
  }

  undelivered(_file: File, cmd: number): boolean {
    return !takesEffect(cmd);
  }
}
