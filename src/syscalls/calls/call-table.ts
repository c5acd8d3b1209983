/** Which trapped call is served by what: everything that the filter lets through to us, in one table. */
import { EINVAL, Errno } from '../../base/errno.ts';
import { ARCH, type CallName } from '../../linux/arch.ts';
import { O_ASYNC, O_NONBLOCK } from '../../linux/constants.ts';
import { isLockCommand } from '../files/node-locks.ts';
import type { Answer, Call, Handler } from '../wire/call.ts';
import { IOCTL_TYPES, SOCKET_CALLS } from '../wire/filter.ts';
import { ATTRIBUTE_WRITES, attributeWrite } from './attribute-writes.ts';
import type { Context } from './context.ts';
import * as copies from './copy-calls.ts';
import * as descriptors from './descriptor-calls.ts';
import { isMemoryIoctl, memoryIoctl } from './dma-bufs.ts';
import { attributesOfDescriptor } from './extended-attributes.ts';
import { FILE_IOCTLS } from './file-ioctls.ts';
import * as limits from './limit-calls.ts';
import type { Operations } from './operations.ts';
import { attributeHandlers, type Handlers, nameHandlers, pathHandlers, type Serve } from './path-table.ts';
import { socketCall } from './socket-calls.ts';
import { countIn, type Kind, type Transfer } from './transfers.ts';
import { UEVENT_CALLS, ueventCall, ueventSocket } from './uevent-calls.ts';
import * as waits from './wait-calls.ts';

const FIONBIO = 0x5421;
const FIOASYNC = 0x5452;

/** The type of nearly all that are called, in place: nothing else is looked for then. */
const VIDEO = IOCTL_TYPES[0] << 8;

/** ioctl(): some commands are about the descriptor, about any file, or about memory; all others are the driver's. */
function ioctl(c: Context, operations: Operations, call: Call): Answer {
  const fd = call.int(0);
  const cmd = call.uint(1);
  if ((cmd & 0xff00) !== VIDEO) {
    if (cmd === FIONBIO) return descriptors.setFlagByIoctl(c, call, O_NONBLOCK);
    if (cmd === FIOASYNC) return descriptors.setFlagByIoctl(c, call, O_ASYNC);
    const isOurs = c.files.identify(call.tid, fd) !== undefined;
    const ofFile = isOurs ? FILE_IOCTLS.get(cmd) : undefined;
    if (ofFile !== undefined) return ofFile(c, call);
    if (isMemoryIoctl(cmd) && !isOurs) return memoryIoctl(c, call);
  }
  return operations.begin(call, 'ioctl', fd, cmd, call.address(2));
}

function fcntl(c: Context, operations: Operations, call: Call): Answer {
  const [fd, cmd] = [call.int(0), call.uint(1)];
  if (isLockCommand(cmd)) return operations.begin(call, 'fcntl', fd, cmd, call.address(2));
  return descriptors.fcntl(c, call);
}

/** Calls that a driver serves, and those that can sleep like one. */
function operationHandlers(c: Context, operations: Operations): Handlers {
  const move = (kind: Kind) => (call: Call) =>
    operations.begin(call, kind, call.int(0), call.address(1), countIn(call, kind));
  // A device has no positions: which one is given does not matter, as long as it is one.
  const moveAt = (kind: Transfer) => (call: Call) => {
    if (call.isNegative(3)) throw new Errno(EINVAL);
    return operations.beginAt(call, kind, { isTooFar: (length) => call.isTooFar(3, length), flags: 0 });
  };
  /** Here -1 means: where the file is. */
  const moveWithFlags = (kind: Transfer) => (call: Call) => {
    if (call.isNegative(3) && !call.isMinusOne(3)) throw new Errno(EINVAL);
    const isTooFar = (length: number) => !call.isMinusOne(3) && call.isTooFar(3, length);
    return operations.beginAt(call, kind, { isTooFar, flags: call.uint(5) });
  };
  return {
    ioctl: (call) => ioctl(c, operations, call),
    read: move('read'),
    pread64: moveAt('read'),
    readv: move('readv'),
    preadv: moveAt('readv'),
    preadv2: moveWithFlags('readv'),
    write: move('write'),
    pwrite64: moveAt('write'),
    writev: move('writev'),
    pwritev: moveAt('writev'),
    pwritev2: moveWithFlags('writev'),
    flock: (call) => operations.begin(call, 'flock', call.int(0), call.uint(1), 0),
    fcntl: (call) => fcntl(c, operations, call),
  };
}

/** Calls about descriptors. */
function descriptorHandlers(c: Context): Handlers {
  return {
    mmap: (call) => descriptors.mmap(c, call),
    close: (call) => descriptors.close(c, call),
    close_range: (call) => descriptors.closeRange(c, call),
    clone: () => descriptors.clone(c),
    unshare: (call) => descriptors.unshare(c, call),
    dup: (call) => descriptors.dup(c, call),
    dup2: (call) => descriptors.dup2(c, call),
    dup3: (call) => descriptors.dup2(c, call),
    getrlimit: (call) => limits.getrlimit(c, call),
    setrlimit: (call) => limits.setrlimit(c, call),
    prlimit64: (call) => limits.prlimit(c, call),
    epoll_ctl: (call) => waits.epollCtl(c, call),
    select: (call) => waits.select(c, call),
    pselect6: (call) => waits.select(c, call),
    getdents64: (call) => descriptors.getdents(c, call),
    splice: (call) => copies.splice(c, call),
    sendfile: (call) => copies.sendfile(c, call),
    copy_file_range: (call) => copies.copyFileRange(c, call),
    fgetxattr: (call) => attributesOfDescriptor(c, call, 'get'),
    flistxattr: (call) => attributesOfDescriptor(c, call, 'list'),
    fsetxattr: (call) => attributesOfDescriptor(c, call, 'set'),
    fremovexattr: (call) => attributesOfDescriptor(c, call, 'remove'),
  };
}

/** The handlers by the numbers of their calls. */
export function callHandlers(c: Context, operations: Operations): readonly (Handler | undefined)[] {
  const sockets = Object.fromEntries(
    SOCKET_CALLS.map((name) => [name, (call: Call) => socketCall(c, name, call)]),
  );
  const serves: Handlers = {
    ...pathHandlers(c),
    ...attributeHandlers(c),
    ...nameHandlers(c),
    ...descriptorHandlers(c),
    ...operationHandlers(c, operations),
    ...sockets,
    socket: (call) => ueventSocket(c, call),
  };
  for (const name of UEVENT_CALLS) {
    const otherwise = serves[name] as Serve;
    serves[name] = (call) => ueventCall(c, name, call) ?? otherwise(call);
  }
  for (const name of ATTRIBUTE_WRITES) {
    const otherwise = serves[name] as Serve;
    serves[name] = (call) => attributeWrite(c, name, call) ?? otherwise(call);
  }
  const handlers: (Handler | undefined)[] = [];
  for (const [name, serve] of Object.entries(serves)) {
    const nr = ARCH.nr[name as CallName];
    if (nr === undefined) continue;
    const lost = name === 'ioctl' ? (call: Call, value: number) => operations.lost(call, value) : undefined;
    handlers[nr] = lost === undefined ? { serve } : { serve, lost };
  }
  return handlers;
}
