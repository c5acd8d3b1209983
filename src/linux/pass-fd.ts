/** Descriptors sent from process to process over a Unix socket (SCM_RIGHTS). */
import { MSG_CMSG_CLOEXEC, SCM_RIGHTS, SOL_SOCKET } from './constants.ts';
import { recvmsg, sendmsg, socketpair } from './libc.ts';
import { allocateNative } from './native-memory.ts';

const MSGHDR = 0;
const IOV = 64;
const CONTROL = 96;
const CONTROL_LENGTH = 24;
const CMSG_LENGTH = 20;
const BYTE = 160;

const native = allocateNative(4096);

function setPointer(at: number, address: number): void {
  native.view.setUint32(at, address % 0x1_0000_0000, true);
  native.view.setUint32(at + 4, Math.floor(address / 0x1_0000_0000), true);
}

function header(): void {
  native.bytes.fill(0, 0, BYTE + 1);
  setPointer(MSGHDR + 16, native.address + IOV);
  native.view.setUint32(MSGHDR + 24, 1, true);
  setPointer(MSGHDR + 32, native.address + CONTROL);
  native.view.setUint32(MSGHDR + 40, CONTROL_LENGTH, true);
  setPointer(IOV, native.address + BYTE);
  native.view.setUint32(IOV + 8, 1, true);
}

/** Two connected sockets. `type` and `flags` as in socketpair(2). */
export function socketPair(domain: number, type: number): [number, number] | undefined {
  if (socketpair(domain, type, 0, native.address) < 0) return undefined;
  return [native.view.getInt32(0, true), native.view.getInt32(4, true)];
}

/** Sends descriptor `fd` over `socket`, and a byte with it. */
export function sendDescriptor(socket: number, fd: number, byte: number): boolean {
  header();
  native.view.setUint8(BYTE, byte);
  native.view.setUint32(CONTROL, CMSG_LENGTH, true);
  native.view.setInt32(CONTROL + 8, SOL_SOCKET, true);
  native.view.setInt32(CONTROL + 12, SCM_RIGHTS, true);
  native.view.setInt32(CONTROL + 16, fd, true);
  return sendmsg(socket, native.address + MSGHDR, 0) === 1;
}

/** Waits for a descriptor and its byte on `socket`; undefined when the other side ends without sending one. */
export function receiveDescriptor(socket: number): { fd: number; byte: number } | undefined {
  header();
  if (recvmsg(socket, native.address + MSGHDR, MSG_CMSG_CLOEXEC) !== 1) return undefined;
  if (native.view.getUint32(CONTROL, true) !== CMSG_LENGTH) return undefined;
  return { fd: native.view.getInt32(CONTROL + 16, true), byte: native.view.getUint8(BYTE) };
}
