/** Descriptors sent from process to process over a Unix socket (SCM_RIGHTS). */
import { MSG_CMSG_CLOEXEC, SCM_RIGHTS, SOL_SOCKET } from './constants.ts';
import { recvmsg, sendmsg, socketpair } from './libc.ts';
import { allocateNative } from './native-memory.ts';

/** As many as the kernel lets go in one message. */
export const MAX_SENT = 253;
const MSGHDR = 0;
const IOV = 64;
const BYTE = 96;
const CONTROL = 128;
const CMSG_HEADER = 16;
const FD_SIZE = 4;
const LENGTH = 8;

const native = allocateNative(4096);

function setPointer(at: number, address: number): void {
  native.view.setUint32(at, address % 0x1_0000_0000, true);
  native.view.setUint32(at + 4, Math.floor(address / 0x1_0000_0000), true);
}

const controlLength = (count: number): number => Math.ceil((CMSG_HEADER + count * FD_SIZE) / LENGTH) * LENGTH;

/** A header for one byte and `count` descriptors. */
function header(count: number): void {
  const control = count === 0 ? 0 : controlLength(count);
  native.bytes.fill(0, 0, CONTROL + control);
  setPointer(MSGHDR + 16, native.address + IOV);
  native.view.setUint32(MSGHDR + 24, 1, true);
  setPointer(MSGHDR + 32, native.address + CONTROL);
  native.view.setUint32(MSGHDR + 40, control, true);
  setPointer(IOV, native.address + BYTE);
  native.view.setUint32(IOV + 8, 1, true);
}

/** Two connected sockets. `type` and `flags` as in socketpair(2). */
export function socketPair(domain: number, type: number): [number, number] | undefined {
  if (socketpair(domain, type, 0, native.address) < 0) return undefined;
  return [native.view.getInt32(0, true), native.view.getInt32(4, true)];
}

/** Sends descriptors over `socket`, {@link MAX_SENT} at most, and a byte with them. */
export function sendDescriptors(socket: number, fds: readonly number[], byte: number): boolean {
  header(fds.length);
  native.view.setUint8(BYTE, byte);
  if (fds.length > 0) {
    native.view.setUint32(CONTROL, CMSG_HEADER + fds.length * FD_SIZE, true);
    native.view.setInt32(CONTROL + 8, SOL_SOCKET, true);
    native.view.setInt32(CONTROL + 12, SCM_RIGHTS, true);
  }
  for (const [i, fd] of fds.entries()) native.view.setInt32(CONTROL + CMSG_HEADER + i * FD_SIZE, fd, true);
  return sendmsg(socket, native.address + MSGHDR, 0) === 1;
}

export const sendDescriptor = (socket: number, fd: number, byte: number): boolean =>
  sendDescriptors(socket, [fd], byte);

/** The descriptors that came with the message in `native`. */
function received(): number[] {
  const isRights = native.view.getInt32(CONTROL + 12, true) === SCM_RIGHTS;
  const length = isRights ? native.view.getUint32(CONTROL, true) : CMSG_HEADER;
  const count = Math.floor((length - CMSG_HEADER) / FD_SIZE);
  return Array.from({ length: count }, (_, i) =>
    native.view.getInt32(CONTROL + CMSG_HEADER + i * FD_SIZE, true),
  );
}

/** Waits for a message with up to `count` descriptors on `socket`; none when the other side ends without sending it. */
export function receiveDescriptors(socket: number, count: number): number[] {
  header(count);
  return recvmsg(socket, native.address + MSGHDR, MSG_CMSG_CLOEXEC) === 1 ? received() : [];
}

/** Waits for a descriptor and its byte on `socket`; undefined when the other side ends without sending one. */
export function receiveDescriptor(socket: number): { fd: number; byte: number } | undefined {
  const [fd] = receiveDescriptors(socket, 1);
  return fd === undefined ? undefined : { fd, byte: native.view.getUint8(BYTE) };
}
