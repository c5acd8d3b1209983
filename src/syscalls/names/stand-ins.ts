/**
 * Descriptors that only name something: what open() gives with O_PATH. The kernel passes no such descriptor from one
 * process to another, so a program gets an empty file in its place, and whoever asks what it is gets the answer for
 * what it stands for. Like a poll face it is known by its inode, whatever its number is.
 */
import { MFD_CLOEXEC, O_ACCMODE, O_CLOEXEC } from '../../linux/constants.ts';
import { close, memfdCreate, open } from '../../linux/libc.ts';
import { type InodeKey, inodeOf } from '../../linux/proc-fs.ts';
import type { DeviceTable } from '../../vfs/device-table.ts';
import type { CharDevice } from '../../vfs/file.ts';

export type StoodFor =
  | { readonly kind: 'device'; readonly device: CharDevice }
  /** A symbolic link of the shadow tree, at `real`: the link itself, not what it leads to. */
  | { readonly kind: 'link'; readonly real: string };

export class StandIns {
  readonly #devices: DeviceTable;
  /** Descriptors of ours, one for each thing that was ever asked for. */
  readonly #fds = new Map<string, number>();
  readonly #byInode = new Map<InodeKey, StoodFor>();

  constructor(devices: DeviceTable) {
    this.#devices = devices;
  }

  /** A descriptor of ours to give to a program that wants to name `thing`; negative if none can be made. */
  fdFor(thing: StoodFor): number {
    const name = thing.kind === 'device' ? `/dev/${thing.device.name}` : thing.real;
    const known = this.#fds.get(name);
    if (known !== undefined) return known;
    const writable = memfdCreate(name, MFD_CLOEXEC);
    // Neither to read nor to write: the kernel itself says EBADF then.
    const fd = open(`/proc/self/fd/${writable}`, O_ACCMODE | O_CLOEXEC);
    close(writable);
    const inode = fd < 0 ? undefined : inodeOf(process.pid, fd);
    if (inode === undefined) return -1;
    this.#fds.set(name, fd);
    this.#byInode.set(inode, thing);
    return fd;
  }

  /** What descriptor `fd` of thread `tid` stands for; undefined if it is no stand-in. */
  find(tid: number, fd: number): StoodFor | undefined {
    if (this.#byInode.size === 0) return undefined;
    const inode = inodeOf(tid, fd);
    const thing = inode === undefined ? undefined : this.#byInode.get(inode);
    return thing?.kind === 'device' ? { kind: 'device', device: this.#atNumberOf(thing.device) } : thing;
  }

  /** A node is a number: what is behind it is whatever has that now, if anything has. */
  #atNumberOf(device: CharDevice): CharDevice {
    const { major, minor } = device;
    const isThere = (each: CharDevice) => each.major === major && each.minor === minor;
    return this.#devices.devices.find(isThere) ?? device;
  }
}
