/** Who asks a session in the background: connections on its socket, each with the descriptors that came first. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AF_UNIX, POLLIN, SOCK_CLOEXEC, SOCK_STREAM } from '../../linux/constants.ts';
import { accept4, bind, close, connect, errno, listen, pollLater, socket } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { MAX_SENT, receiveDescriptors, sendDescriptors } from '../../linux/pass-fd.ts';
import { socketOf } from '../../linux/socket-of.ts';
import { SessionError } from '../kernel.ts';

const BACKLOG = 128;
const FAMILY_SIZE = 2;
const POLLFD_EVENTS = 4;
/** Whoever connects sends his first byte at once. */
const FIRST_BYTE_MS = 10_000;
const FOREVER = -1;
/** How long a session without room looks no more whether there is some. */
const FULL_MS = 20;

const native = allocateNative(4096);

/** `struct sockaddr_un` in {@link native}; its length. */
function putAddress(path: string): number {
  const bytes = new TextEncoder().encode(path);
  native.bytes.fill(0, 0, FAMILY_SIZE + bytes.length + 1);
  native.view.setUint16(0, AF_UNIX, true);
  native.bytes.set(bytes, FAMILY_SIZE);
  return FAMILY_SIZE + bytes.length + 1;
}

/** A socket that listens at `path`. Throws a SessionError. */
export function listenAt(path: string): number {
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && bind(fd, native.address, putAddress(path)) === 0 && listen(fd, BACKLOG) === 0) return fd;
  const code = errno();
  if (fd >= 0) close(fd);
  throw new SessionError(
    `${path} cannot be made (errno ${code}); set XDG_RUNTIME_DIR to a directory of yours`,
  );
}

/** Connects to the session at `path` and sends descriptors, which stay the caller's. Undefined if nobody listens there. */
export function connectTo(path: string, descriptors: readonly number[] = []): Socket | undefined {
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, native.address, putAddress(path)) === 0 && sendDescriptors(fd, descriptors, 0))
    return socketOf(fd);
  if (fd >= 0) close(fd);
  return undefined;
}

/** Settles when `fd` is readable, or after `milliseconds`; tells which. */
export async function readable(fd: number, milliseconds = FOREVER): Promise<boolean> {
  const pollfd = allocateNative(4096);
  pollfd.view.setInt32(0, fd, true);
  pollfd.view.setUint16(POLLFD_EVENTS, POLLIN, true);
  const events = await pollLater(pollfd.address, 1, milliseconds);
  pollfd.unmap();
  return events > 0;
}

/** Gives each connection on `listener` to `take`, with the descriptors that came with it, which are its from then on. */
export async function acceptAll(
  listener: number,
  take: (socket: Socket, descriptors: readonly number[]) => void,
): Promise<void> {
  for (;;) {
    if (!(await readable(listener))) continue;
    const fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
    if (fd >= 0) receiveFirst(fd, take);
    // Out of descriptors: whoever comes waits until somebody goes.
    else await sleep(FULL_MS);
  }
}

async function receiveFirst(
  fd: number,
  take: (socket: Socket, descriptors: readonly number[]) => void,
): Promise<void> {
  if (await readable(fd, FIRST_BYTE_MS)) {
    const descriptors = receiveDescriptors(fd, MAX_SENT);
    take(socketOf(fd), descriptors);
  } else close(fd);
}
