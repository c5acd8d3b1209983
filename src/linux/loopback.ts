/** Whether we can connect to ourselves by TCP; a connection that gets no answer does not hold up the caller. */
import { EADDRINUSE, EADDRNOTAVAIL } from '../base/errno.ts';
import { isOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import {
  AF_INET,
  POLLOUT,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.ts';
import { bind, close, connect, errno, getsockname, getsockopt, listen, ppoll, socket } from './libc.ts';
import { allocateNative } from './native-memory.ts';
import { privateSockets } from './private-network.ts';

const NO_LOOPBACK = 'no loopback connections; bring the loopback interface up: ip link set lo up';
const NO_PORT = 'no TCP port is left; widen the range: sysctl net.ipv4.ip_local_port_range';
const SOCKADDR_SIZE = 16;
const LOOPBACK = 0x0100007f;
const [ADDRESS, LENGTH, POLLFD, TIMEOUT, ERROR] = [0, 64, 96, 128, 160];
/** An answer over loopback comes at once. */
const PATIENCE_SECONDS = 1n;

export function loopbackTrouble(): string | undefined {
  const type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const [server, client] = [socket(AF_INET, type, 0), socket(AF_INET, type, 0)];
  try {
    if (server < 0 || client < 0)
      return isOutOfDescriptors(errno())
        ? TOO_FEW_DESCRIPTORS
        : 'no TCP sockets can be made; allow socket(AF_INET)';
    const trouble = connectTrouble(server, client);
    return trouble !== undefined && hasOwnNetwork() ? undefined : trouble;
  } finally {
    close(server);
    close(client);
  }
}

/** There the state of the machine's own interface does not matter. */
function hasOwnNetwork(): boolean {
  const sockets = privateSockets();
  for (const fd of sockets ?? []) close(fd);
  return sockets !== undefined;
}

function connectTrouble(server: number, client: number): string | undefined {
  const native = allocateNative(4096);
  const at = (offset: number) => native.address + offset;
  native.view.setUint16(ADDRESS, AF_INET, true);
  native.view.setUint32(ADDRESS + 4, LOOPBACK, true);
  native.view.setUint32(LENGTH, SOCKADDR_SIZE, true);
  if (bind(server, at(ADDRESS), SOCKADDR_SIZE) < 0) return errno() === EADDRINUSE ? NO_PORT : NO_LOOPBACK;
  if (listen(server, 1) < 0 || getsockname(server, at(ADDRESS), at(LENGTH)) < 0) return NO_LOOPBACK;
  if (connect(client, at(ADDRESS), SOCKADDR_SIZE) < 0 && errno() === EADDRNOTAVAIL) return NO_PORT;
  native.view.setInt32(POLLFD, client, true);
  native.view.setInt16(POLLFD + 4, POLLOUT, true);
  native.view.setBigInt64(TIMEOUT, PATIENCE_SECONDS, true);
  if (ppoll(at(POLLFD), 1, at(TIMEOUT), 0) !== 1) return NO_LOOPBACK;
  native.view.setUint32(LENGTH, 4, true);
  getsockopt(client, SOL_SOCKET, SO_ERROR, at(ERROR), at(LENGTH));
  const isConnected =
    native.view.getInt16(POLLFD + 6, true) === POLLOUT && native.view.getInt32(ERROR, true) === 0;
  return isConnected ? undefined : NO_LOOPBACK;
}
