/** The calls on sockets of NETLINK_KOBJECT_UEVENT: a pair of Unix sockets answers as netlink does. */
import { EADDRINUSE, EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, EOPNOTSUPP, EPERM, Errno } from '../../base/errno.ts';
import type { CallName } from '../../linux/arch.ts';
import {
  AF_NETLINK,
  F_GETFL,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  NETLINK_KOBJECT_UEVENT,
  O_NONBLOCK,
  SCM_CREDENTIALS,
  SO_DOMAIN,
  SO_PASSCRED,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
} from '../../linux/constants.ts';
import { fcntl, getsockopt } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { namespaceIds, tgidOf } from '../../linux/proc-fs.ts';
import { userAddress } from '../../linux/user-address.ts';
import { groupOf, KERNEL_GROUP } from '../watches/uevent-message.ts';
import type { UeventSocket } from '../watches/uevent-sockets.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import type { Context } from './context.ts';
import { placeFor } from './give-fd.ts';
import { MAX_PIECES, type Piece, readVector } from './transfers.ts';

const TYPE_MASK = 0xf;
const SOCKADDR_NL_SIZE = 12;
/** `struct msghdr` and a `struct cmsghdr` with credentials. */
const MSGHDR = {
  size: 56,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
} as const;
const CMSG = { length: 28, space: 32, level: 8, type: 12, pid: 16 } as const;
const MSG_CTRUNC = 8;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_DROP_MEMBERSHIP = 2;
/** As many groups as the kernel has for this protocol. */
const GROUPS = 32;
/** Ports that the kernel chooses by itself count down from here. */
const FIRST_FREE_PORT = 2 ** 32 - 4096;

const native = allocateNative(4096);

const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** socket(AF_NETLINK, …, NETLINK_KOBJECT_UEVENT): the program gets one of ours, where its calls are seen. */
export function ueventSocket(context: Context, call: Call): Answer {
  const type = call.uint(1) & TYPE_MASK;
  const { uevents, threads } = context;
  const process = type === SOCK_RAW || type === SOCK_DGRAM ? threads.get(call)?.process : undefined;
  const at = process && placeFor(context, call, process);
  if (at === undefined) return CONTINUE;
  const made = uevents.make(type, call.uint(1));
  return {
    kind: 'descriptor',
    source: made.fd,
    cloexec: (call.uint(1) & SOCK_CLOEXEC) !== 0,
    at,
    given: () => uevents.hold(made),
    refused: () => uevents.discard(made),
  };
}

/** A copy of such a socket, by dup() or fcntl(): it stays where its calls are seen. Undefined if `fd` is none. */
export function duplicateUevents(
  context: Context,
  call: Call,
  fd: number,
  from: number,
  cloexec: boolean,
): Answer | undefined {
  const found = context.uevents.find(call.tid, fd);
  const process = found && context.threads.get(call)?.process;
  const at = process && placeFor(context, call, process, from);
  return found && at !== undefined ? { kind: 'descriptor', source: found.fd, cloexec, at } : undefined;
}

type Serve = (context: Context, call: Call, socket: UeventSocket) => Answer;

const refuse =
  (code: number): Serve =>
  () => {
    throw new Errno(code);
  };

/** Nobody may write on it but with rights over the network, and then others would hear it. */
const SERVED: Partial<Record<CallName, Serve>> = {
  bind: join,
  getsockname: tellName,
  setsockopt: setOption,
  getsockopt: tellOption,
  recvmsg: receiveMessage,
  recvfrom: receiveFrom,
  connect: refuse(EPERM),
  sendto: refuse(EPERM),
  sendmsg: refuse(EPERM),
  sendmmsg: refuse(EPERM),
  write: refuse(EPERM),
  writev: refuse(EPERM),
  getpeername: tellPeer,
  listen: refuse(EOPNOTSUPP),
  accept: refuse(EOPNOTSUPP),
  accept4: refuse(EOPNOTSUPP),
  shutdown: refuse(EOPNOTSUPP),
};

/** The calls that such a socket answers otherwise than its stand-in would. */
export const UEVENT_CALLS = Object.keys(SERVED) as readonly CallName[];

/** Answers call `name` on descriptor `fd`; undefined if that is no such socket. */
export function ueventCall(context: Context, name: CallName, call: Call): Answer | undefined {
  const socket = context.uevents.find(call.tid, call.int(0));
  const serve = socket && SERVED[name];
  if (serve === undefined) return undefined;
  context.memory.attach(call);
  return serve(context, call, socket as UeventSocket);
}

function readView({ memory }: Context, address: number, length: number): DataView {
  const bytes = new Uint8Array(length);
  memory.read(address, bytes);
  return new DataView(bytes.buffer);
}

/** Writes `bytes`, as many as there is room for, and how long they are, where `lengthAt` says how much room there is. */
function writeCounted(context: Context, address: number, lengthAt: number, bytes: Uint8Array): void {
  const room = readView(context, lengthAt, 4).getInt32(0, true);
  if (room < 0) throw new Errno(EINVAL);
  context.memory.write(address, bytes.subarray(0, room));
  context.memory.write(lengthAt, u32(bytes.length));
}

/** `struct sockaddr_nl`. */
function socketAddress(port: number, groups: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(SOCKADDR_NL_SIZE));
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(4, port, true);
  view.setUint32(8, groups, true);
  return new Uint8Array(view.buffer);
}

/** The number of the process as it knows itself, or another one if it has a socket already. @kernel netlink_autobind */
function freePort({ uevents }: Context, call: Call, socket: UeventSocket): number {
  let port = namespaceIds(tgidOf(call.tid) ?? call.tid).at(-1) ?? call.tid;
  for (let next = FIRST_FREE_PORT; uevents.isTaken(port, socket); next--) port = next;
  return port;
}

/** @kernel netlink_bind */
function join(context: Context, call: Call, socket: UeventSocket): Answer {
  if (call.int(2) < SOCKADDR_NL_SIZE) throw new Errno(EINVAL);
  const address = readView(context, call.address(1), SOCKADDR_NL_SIZE);
  const [port, groups] = [address.getUint32(4, true), address.getUint32(8, true)];
  if (address.getUint16(0, true) !== AF_NETLINK) throw new Errno(EINVAL);
  if (socket.port !== 0 && port !== socket.port) throw new Errno(EINVAL);
  if (port !== 0 && context.uevents.isTaken(port, socket)) throw new Errno(EADDRINUSE);
  socket.port ||= port || freePort(context, call, socket);
  context.uevents.join(socket, groups);
  return 0;
}

function tellName(context: Context, call: Call, socket: UeventSocket): Answer {
  writeCounted(context, call.address(1), call.address(2), socketAddress(socket.port, socket.groups));
  return 0;
}

/** Whom it writes to: nobody. */
function tellPeer(context: Context, call: Call): Answer {
  writeCounted(context, call.address(1), call.address(2), socketAddress(0, 0));
  return 0;
}

/** Filters and sizes are the kernel's, which has the queue. */
function setOption(context: Context, call: Call, socket: UeventSocket): Answer {
  if (call.int(1) !== SOL_NETLINK) return CONTINUE;
  const option = call.int(2);
  if (option !== NETLINK_ADD_MEMBERSHIP && option !== NETLINK_DROP_MEMBERSHIP) return 0;
  const group = readView(context, call.address(3), 4).getUint32(0, true);
  if (group < 1 || group > GROUPS) throw new Errno(EINVAL);
  const bit = 1 << (group - 1);
  socket.port ||= freePort(context, call, socket);
  context.uevents.join(
    socket,
    option === NETLINK_ADD_MEMBERSHIP ? socket.groups | bit : socket.groups & ~bit,
  );
  return 0;
}

function tellOption(context: Context, call: Call, socket: UeventSocket): Answer {
  const option = call.int(2);
  const values: Readonly<Record<number, number>> = {
    [SO_DOMAIN]: AF_NETLINK,
    [SO_PROTOCOL]: NETLINK_KOBJECT_UEVENT,
    [SO_TYPE]: socket.type,
  };
  const value = call.int(1) === SOL_SOCKET ? values[option] : undefined;
  if (value === undefined) return CONTINUE;
  writeCounted(context, call.address(3), call.address(4), u32(value));
  return 0;
}

const isNonblocking = ({ fd }: UeventSocket, flags: number): boolean =>
  ((flags & MSG_DONTWAIT) | (fcntl(fd, F_GETFL, 0) & O_NONBLOCK)) !== 0;

/** The next message, valid until the next use; undefined if there is none and the program wants to wait. */
function take(socket: UeventSocket, flags: number): Uint8Array | undefined {
  if (socket.isOverrun) {
    socket.isOverrun = false;
    throw new Errno(ENOBUFS);
  }
  try {
    return socket.take(flags & MSG_PEEK);
  } catch (error) {
    if (!(error instanceof Errno) || error.code !== EAGAIN || isNonblocking(socket, flags)) throw error;
    return undefined;
  }
}

/** Who sent it: the kernel has no port, udev some other than any program's. */
function senderOf(message: Uint8Array): Uint8Array {
  const group = groupOf(message);
  return socketAddress(group === KERNEL_GROUP ? 0 : process.pid, group);
}

/** What recvmsg() shall fill. */
interface Wanted {
  readonly name: number;
  readonly nameLength: number;
  readonly pieces: readonly Piece[];
  readonly control: number;
  readonly controlLength: number;
}

const addressAt = (view: DataView, at: number): number =>
  userAddress(view.getUint32(at, true), view.getUint32(at + 4, true));

function readWanted(context: Context, address: number): Wanted {
  const header = readView(context, address, MSGHDR.size);
  const count = addressAt(header, MSGHDR.iovLength);
  const nameLength = header.getInt32(MSGHDR.nameLength, true);
  if (nameLength < 0) throw new Errno(EINVAL);
  if (count > MAX_PIECES) throw new Errno(EMSGSIZE);
  return {
    name: addressAt(header, 0),
    nameLength,
    pieces: readVector(addressAt(header, MSGHDR.iov), count, context.memory),
    control: addressAt(header, MSGHDR.control),
    controlLength: addressAt(header, MSGHDR.controlLength),
  };
}

/** Fills the pieces, and gives how much of the message is in them. */
function scatter({ memory }: Context, { pieces }: Wanted, message: Uint8Array): number {
  let done = 0;
  for (const { base, length } of pieces) {
    const part = message.subarray(done, done + length);
    memory.write(base, part);
    done += part.length;
  }
  return done;
}

/** SCM_CREDENTIALS of root, as both senders are: libudev believes nobody else. */
function credentials(message: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(CMSG.space));
  view.setUint32(0, CMSG.length, true);
  view.setInt32(CMSG.level, SOL_SOCKET, true);
  view.setInt32(CMSG.type, SCM_CREDENTIALS, true);
  view.setInt32(CMSG.pid, groupOf(message) === KERNEL_GROUP ? 0 : process.pid, true);
  return new Uint8Array(view.buffer);
}

function passesCredentials({ fd }: UeventSocket): boolean {
  native.view.setUint32(8, 4, true);
  const got = getsockopt(fd, SOL_SOCKET, SO_PASSCRED, native.address, native.address + 8);
  return got === 0 && native.view.getInt32(0, true) !== 0;
}

/** The lengths and flags of the header at `address` as they turned out. */
function answerHeader({ memory }: Context, address: number, given: { control: number; flags: number }): void {
  memory.write(address + MSGHDR.nameLength, u32(SOCKADDR_NL_SIZE));
  memory.write(address + MSGHDR.controlLength, u32(given.control, 0));
  memory.write(address + MSGHDR.flags, u32(given.flags));
}

/** @kernel netlink_recvmsg */
function receiveMessage(context: Context, call: Call, socket: UeventSocket): Answer {
  const [address, flags] = [call.address(1), call.uint(2)];
  const wanted = readWanted(context, address);
  const message = take(socket, flags);
  if (message === undefined) return CONTINUE;
  const { memory } = context;
  const done = scatter(context, wanted, message);
  if (wanted.name !== 0) memory.write(wanted.name, senderOf(message).subarray(0, wanted.nameLength));
  let given = done < message.length ? MSG_TRUNC : 0;
  const control = passesCredentials(socket) ? credentials(message) : new Uint8Array(0);
  if (control.length > wanted.controlLength) given |= MSG_CTRUNC;
  const room = wanted.control === 0 ? 0 : wanted.controlLength;
  memory.write(wanted.control, control.subarray(0, room));
  answerHeader(context, address, { control: Math.min(control.length, room), flags: given });
  return flags & MSG_TRUNC ? message.length : done;
}

/** Without a sender there is nothing of ours in it. */
function receiveFrom(context: Context, call: Call, socket: UeventSocket): Answer {
  const [address, room, flags, from] = [call.address(1), call.size(2), call.uint(3), call.address(4)];
  const message = from === 0 && !socket.isOverrun ? undefined : take(socket, flags);
  if (message === undefined) return CONTINUE;
  context.memory.write(address, message.subarray(0, room));
  writeCounted(context, from, call.address(5), senderOf(message));
  return flags & MSG_TRUNC ? message.length : Math.min(room, message.length);
}
