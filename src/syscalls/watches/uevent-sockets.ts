/**
 * The sockets on which programs hear that devices come and go: netlink, NETLINK_KOBJECT_UEVENT. Nobody but the kernel and
 * root may speak on those. So a program gets one end of a pair of Unix sockets in place of one (`calls/uevent-calls.ts`
 * answers as netlink would), and at the other end we tell it of our devices what the kernel and udev would, and of the
 * host's what they do.
 *
 * A message is queued, filtered (SO_ATTACH_FILTER) and waited for by the kernel, in the program's own socket. We keep a
 * descriptor of that, to take messages out of it with the sender that they would have.
 */
import { EAGAIN, EMFILE, Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import {
  AF_UNIX,
  F_SETFL,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_TRUNC,
  O_NONBLOCK,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
} from '../../linux/constants.ts';
import { close, errno, fcntl, recv, send } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { socketPair } from '../../linux/pass-fd.ts';
import { descendants, fdsOf, hasFdsInFlight, type InodeKey, inodeOf } from '../../linux/proc-fs.ts';
import { openUevents, receiveUevent } from '../../linux/uevent-netlink.ts';
import type { DeviceTable } from '../../vfs/device-table.ts';
import type { CharDevice } from '../../vfs/file.ts';
import {
  type Extras,
  groupOf,
  KERNEL_GROUP,
  kernelMessage,
  UDEV_GROUP,
  type UeventAction,
  udevMessage,
} from './uevent-message.ts';

/** No message is longer: the kernel's have 2 KiB at most, udev's 8 KiB of what it is asked to add. */
const MESSAGE_SIZE = 65536;
/** When we look whether programs still have a socket that somebody may have closed; until then it costs memory only. */
const LOOK_NS = 1e9;

const native = allocateNative(MESSAGE_SIZE);
const decoder = new TextDecoder();

/** A socket of a program. */
export class UeventSocket {
  /** Ours, of the program's end. */
  readonly fd: number;
  readonly far: number;
  /** SOCK_RAW or SOCK_DGRAM, which are the same to netlink. */
  readonly type: number;
  /** Bits of the groups it listens to. */
  groups = 0;
  /** Its number, by which it could be written to; 0 as long as it has none. */
  port = 0;
  /** Messages did not fit in. */
  isOverrun = false;

  constructor(fd: number, far: number, type: number) {
    this.fd = fd;
    this.far = far;
    this.type = type;
  }

  /**
   * Takes the next message out, or looks at it if `flags` say so: the bytes, valid until the next use. Throws EAGAIN if there
   * is none, and what the program's own call would hear.
   */
  take(flags: number): Uint8Array {
    const length = recv(this.fd, native.address, MESSAGE_SIZE, flags | MSG_DONTWAIT | MSG_TRUNC);
    if (length < 0) throw new Errno(errno());
    return native.bytes.subarray(0, Math.min(length, MESSAGE_SIZE));
  }
}

export class UeventSockets {
  readonly #clock: Clock;
  readonly #devices: DeviceTable;
  readonly #await: (fd: number, look: () => void) => void;
  readonly #sockets = new Map<InodeKey, UeventSocket>();
  readonly #timer = new Timer(() => this.#look());
  /** Something has closed since the next look was arranged. */
  #mayEndLater = false;
  #serial = 0;
  /** Somebody has wanted to know of the host's devices. */
  #hasHost = false;

  /** From when `awaitEvents` is called on, `look` is to be called while `fd` is readable. */
  constructor(clock: Clock, devices: DeviceTable, awaitEvents: (fd: number, look: () => void) => void) {
    this.#clock = clock;
    this.#devices = devices;
    this.#await = awaitEvents;
    devices.listen({
      added: (device) => this.tell('add', device),
      removed: (device) => this.tell('remove', device),
      changed: (device) => this.tell('change', device),
    });
  }

  /** A new one, which is not served before {@link hold}; `flags` beside the type. Throws EMFILE. */
  make(type: number, flags: number): UeventSocket {
    const pair = socketPair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC);
    if (pair === undefined) throw new Errno(EMFILE, 'usercam has no descriptor to spare');
    const [fd, far] = pair;
    if (flags & SOCK_NONBLOCK) fcntl(fd, F_SETFL, O_NONBLOCK);
    return new UeventSocket(fd, far, type);
  }

  /** A program has it. */
  hold(made: UeventSocket): void {
    const inode = inodeOf(process.pid, made.fd);
    if (inode !== undefined) this.#sockets.set(inode, made);
  }

  /** Nobody has it. */
  discard(made: UeventSocket): void {
    close(made.fd);
    close(made.far);
  }

  /** What descriptor `fd` of thread `tid` is; undefined if it is none of these. */
  find(tid: number, fd: number): UeventSocket | undefined {
    if (this.#sockets.size === 0) return undefined;
    const inode = inodeOf(tid, fd);
    return inode === undefined ? undefined : this.#sockets.get(inode);
  }

  /** True if another socket than `except` has this port. */
  isTaken(port: number, except: UeventSocket): boolean {
    return [...this.#sockets.values()].some((each) => each !== except && each.port === port);
  }

  /** `socket` listens to these groups from now on. */
  join(socket: UeventSocket, groups: number): void {
    socket.groups = groups;
    if (groups !== 0 && !this.#hasHost) this.#listenToHost();
  }

  /** A descriptor or a process that may be one of the last with a socket is about to go. */
  mayEnd(): void {
    if (this.#sockets.size === 0) return;
    // A look that each close put off would never come where there are many; but this one may not be over by then.
    if (this.#timer.deadline !== Number.POSITIVE_INFINITY) this.#mayEndLater = true;
    else this.#clock.timers.arm(this.#timer, this.#clock.now() + LOOK_NS);
  }

  /** Tells whoever listens; who asked for it may have `extras` to add. */
  tell(action: UeventAction, device: CharDevice, extras: Extras = {}): void {
    if (this.#sockets.size === 0) return;
    const serial = ++this.#serial;
    this.#send(kernelMessage(action, device, serial, extras), KERNEL_GROUP);
    this.#send(udevMessage(action, device, serial, extras), UDEV_GROUP);
  }

  #send(message: Uint8Array, group: number): void {
    native.bytes.set(message);
    for (const each of this.#sockets.values()) {
      if ((each.groups & group) === 0) continue;
      const sent = send(each.far, native.address, message.length, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno() === EAGAIN) each.isOverrun = true;
    }
  }

  /** Where that is denied there is nothing to be heard of the host. */
  #listenToHost(): void {
    const host = openUevents(KERNEL_GROUP | UDEV_GROUP);
    this.#hasHost = true;
    if (host !== undefined) this.#await(host, () => this.#hearHost(host));
  }

  #hearHost(host: number): void {
    for (let message = receiveUevent(host); message !== undefined; message = receiveUevent(host))
      if (!this.#isOfOurs(message)) this.#send(message, groupOf(message));
  }

  /** True if it tells of a device of the host whose name is that of one of ours, which hides it. */
  #isOfOurs(message: Uint8Array): boolean {
    const name = /\0DEVNAME=(?:\/dev\/)?([^\0]*)/.exec(decoder.decode(message))?.[1];
    return name !== undefined && this.#devices.find(name) !== undefined;
  }

  /** Gives up what no process has any more. */
  #look(): void {
    try {
      this.#giveUp();
    } catch (error) {
      // Out of descriptors: the next look may see more.
      if (!(error instanceof Errno)) throw error;
      this.#mayEndLater = true;
    }
    const again = this.#mayEndLater;
    this.#mayEndLater = false;
    if (again) this.mayEnd();
  }

  #giveUp(): void {
    const held = new Set<InodeKey>();
    for (const pid of descendants(process.pid))
      for (const fd of fdsOf(pid)) {
        const inode = inodeOf(pid, fd);
        if (inode !== undefined && this.#sockets.has(inode)) held.add(inode);
      }
    if (held.size === this.#sockets.size) return;
    if (areFdsInFlight()) {
      // One of them may be on its way.
      this.#mayEndLater = true;
      return;
    }
    for (const [inode, each] of this.#sockets) {
      if (held.has(inode)) continue;
      this.#sockets.delete(inode);
      this.discard(each);
    }
  }
}

/** True if some descriptor is on its way between programs, in no table. */
function areFdsInFlight(): boolean {
  return descendants(process.pid).some((pid) => fdsOf(pid).some((fd) => hasFdsInFlight(pid, fd)));
}
