/** Who asks a session in the background: connections on its socket, each with the descriptors that came first. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from '../../linux/constants.ts';
import { accept4, bind, close, connect, errno, listen, socket } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { MAX_SENT, receiveDescriptors, sendDescriptors } from '../../linux/pass-fd.ts';
import { readableLater } from '../../linux/readable-later.ts';
import { socketOf } from '../../linux/socket-of.ts';
import { SessionError } from '../kernel.ts';

const BACKLOG = 128;
const FAMILY_SIZE = 2;
/** Whoever connects sends his first byte at once. */
const FIRST_BYTE_MS = 10_000;
/** Where more than so many say nothing, nobody has so much time: each has a descriptor. */
const MANY_SILENT = 32;
const FIRST_BYTE_OF_MANY_MS = 1000;
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

/** Gives each connection on `listener` to `take`, with the descriptors that came with it, which are its from then on. */
export async function acceptAll(
  listener: number,
  take: (socket: Socket, descriptors: readonly number[]) => void,
): Promise<void> {
  const silent = new SilentConnections(take);
  for (;;) {
    const fd = (await readableLater().wait(listener)) ? accept4(listener, 0, 0, SOCK_CLOEXEC) : -1;
    if (fd >= 0) silent.add(fd);
    // Out of descriptors, or of what may be waited for: whoever comes waits until somebody goes.
    else await sleep(FULL_MS);
  }
}

/** Connections of which the first byte has not come. They hold up nobody, nor take the room of who has something to say. */
class SilentConnections {
  readonly #take: (socket: Socket, descriptors: readonly number[]) => void;
  /** With what ends each of them when its time is over. */
  readonly #all = new Map<number, NodeJS.Timeout>();

  constructor(take: (socket: Socket, descriptors: readonly number[]) => void) {
    this.#take = take;
  }

  async add(fd: number): Promise<void> {
    const look = () => {
      if (this.#all.size > MANY_SILENT) this.#drop(fd);
      else
        this.#all.set(
          fd,
          setTimeout(() => this.#drop(fd), FIRST_BYTE_MS),
        );
    };
    this.#all.set(fd, setTimeout(look, FIRST_BYTE_OF_MANY_MS));
    if (!(await readableLater().wait(fd))) return this.#drop(fd);
    this.#forget(fd);
    const descriptors = receiveDescriptors(fd, MAX_SENT);
    this.#take(socketOf(fd), descriptors);
  }

  #drop(fd: number): void {
    this.#forget(fd);
    readableLater().forget(fd);
    close(fd);
  }

  #forget(fd: number): void {
    clearTimeout(this.#all.get(fd));
    this.#all.delete(fd);
  }
}
