/** An open file description as the door sees it: the file, the face it shows to poll(), and who has it open. */
import { O_ACCMODE, O_LARGEFILE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../linux/constants.ts';
import { type Access, type CharDevice, File, POLLIN, POLLOUT, POLLPRI } from '../vfs/file.ts';
import { PollFace } from './poll-face.ts';
import { type InodeKey, inodeOf } from './proc-fs.ts';
import type { Process } from './threads.ts';

function accessOf(flags: number): Access {
  const mode = flags & O_ACCMODE;
  return { read: mode === O_RDONLY || mode === O_RDWR, write: mode === O_WRONLY || mode === O_RDWR };
}

export class OpenFile {
  readonly file: File;
  readonly face: PollFace;
  readonly inode: InodeKey;
  /** Processes that have, or had when it was last looked, a descriptor of it. */
  readonly holders = new Set<Process>();
  /** Threads asleep in a call on it: like the kernel's, such a call keeps the file open. */
  sleepers = 0;
  /** True when a descriptor outside the reserved range was seen: its close will not be told to us. */
  stray = false;
  /** True when no descriptor is left and only sleepers keep it. */
  unreferenced = false;
  /** True once the driver's release was called. */
  released = false;
  /** True while it waits for its face to be brought up to date. */
  dirty = false;

  /** Opens `device` with the `flags` of open(2); throws what the driver throws, and then nothing is left open. */
  constructor(device: CharDevice, flags: number) {
    this.face = new PollFace();
    this.file = new File(device, () => this.face.nonblock(), accessOf(flags));
    this.face.setNonblock((flags & O_NONBLOCK) !== 0);
    try {
      device.fops.open(this.file);
    } catch (error) {
      this.face.close();
      throw error;
    }
    this.inode = inodeOf(process.pid, this.face.fd) ?? -1;
  }

  /** The flags that fcntl(F_GETFL) tells: the face's own, which F_SETFL changes, and how the device was opened. */
  flags(): number {
    const { read, write } = this.file.access;
    const mode = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
    return (this.face.flags() & ~O_ACCMODE) | mode | O_LARGEFILE;
  }

  /** Makes the poll face show what poll() says now. */
  refreshFace(): void {
    this.face.show(this.file.device.fops.poll(this.file, POLLIN | POLLOUT | POLLPRI));
  }

  release(): void {
    this.released = true;
    this.file.device.fops.release(this.file);
    this.face.close();
  }
}
