/** Events of the host's devices, as the kernel and udev tell them: netlink, NETLINK_KOBJECT_UEVENT. */
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  NETLINK_KOBJECT_UEVENT,
  SCM_CREDENTIALS,
  SO_PASSCRED,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from './constants.ts';
import { bind, close, recvmsg, setsockopt, socket } from './libc.ts';
import { allocateNative } from './native-memory.ts';

const SOCKADDR_NL_SIZE = 12;
/** Where `struct msghdr` and what it points to are. */
const MSGHDR = 0;
const IOV = 64;
const CONTROL = 96;
const CONTROL_SIZE = 64;
const BYTES = 4096;
const BYTES_SIZE = 65536;

const native = allocateNative(BYTES + BYTES_SIZE);
const { view, address } = native;

function setPointer(at: number, to: number): void {
  view.setUint32(at, to % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.floor(to / 0x1_0000_0000), true);
}

/** A socket on which messages to `groups` are heard, which does not block; undefined if that is denied. */
export function openUevents(groups: number): number | undefined {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
  if (fd < 0) return undefined;
  native.bytes.fill(0, 0, SOCKADDR_NL_SIZE);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  const bound = bind(fd, address, SOCKADDR_NL_SIZE) === 0;
  view.setUint32(0, 1, true);
  if (bound && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, address, 4) === 0) return fd;
  close(fd);
  return undefined;
}

/** The next message that the kernel or root has sent: a copy; undefined when there is none. Others are left out. */
export function receiveUevent(fd: number): Uint8Array | undefined {
  for (;;) {
    native.bytes.fill(0, 0, CONTROL + CONTROL_SIZE);
    setPointer(MSGHDR + 16, address + IOV);
    view.setUint32(MSGHDR + 24, 1, true);
    setPointer(MSGHDR + 32, address + CONTROL);
    view.setUint32(MSGHDR + 40, CONTROL_SIZE, true);
    setPointer(IOV, address + BYTES);
    view.setUint32(IOV + 8, BYTES_SIZE, true);
    const length = recvmsg(fd, address + MSGHDR, MSG_DONTWAIT);
    if (length < 0) return undefined;
    const isCredentials = view.getInt32(CONTROL + 12, true) === SCM_CREDENTIALS;
    const uid = view.getUint32(CONTROL + 20, true);
    if (isCredentials && uid === 0) return native.bytes.slice(BYTES, BYTES + length);
  }
}
