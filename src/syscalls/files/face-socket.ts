/** What a poll face asks of a TCP socket, and how long it waits for what is late. */
import { performance } from 'node:perf_hooks';
import { EINTR } from '../../base/errno.ts';
import {
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  POLLIN,
  SIOCATMARK,
  TCP_CONGESTION,
  TCP_INFO,
  TIOCOUTQ,
} from '../../linux/constants.ts';
import { errno, getsockopt, ioctl, ppoll, recvmsg, setsockopt } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';

/** What one change of a face waits for all that is late. */
const PATIENCE_MS = 3;
/** Where struct tcp_info has these, and how much of it is asked for. */
const UNACKED = 24;
const SND_CWND = 80;
const BYTES_ACKED = 120;
const BYTES_RECEIVED = 128;
const SND_WND = 228;
const TCP_INFO_SIZE = 232;
const MSGHDR_SIZE = 56;

const native = allocateNative(16384);
const LENGTH = native.address + 64;
const VALUE = native.address + 96;
const MSGHDR = native.address + 128;
const POLLFD = native.address + 192;
const MILLISECOND = native.address + 208;
native.view.setBigInt64(216, 1_000_000n, true);
const NOW = native.address + 224;
const INFO_AT = 256;
const NAME_AT = 512;
const INFO = native.address + INFO_AT;
/** What is sent, and where to what is received goes: nobody looks at it. */
export const DATA = native.address + 4096;
export const DATA_SIZE = 8192;
export const LARGE_BUFFER = 65536;
/** Stands for the smallest that the kernel allows: two thousand bytes and a few hundred, and what a packet takes for itself. */
export const SMALLEST_BUFFER = 1;

export function setOption(fd: number, level: number, option: number, value: number): void {
  native.view.setInt32(96, value, true);
  setsockopt(fd, level, option, VALUE, 4);
}

/** An option with two numbers: of 4 bytes (struct linger) or of 8 (struct timeval). */
export function setPair(
  fd: number,
  level: number,
  option: number,
  size: 4 | 8,
  [first, second]: readonly [number, number],
): void {
  native.bytes.fill(0, 96, 96 + 16);
  native.view.setInt32(96, first, true);
  native.view.setInt32(96 + size, second, true);
  setsockopt(fd, level, option, VALUE, 2 * size);
}

/**
 * How many packets may be on their way is decided by reno from now on, which every kernel has and allows: it lets them go at once,
 * and more the more there are. Others, such as bbr, put off what they are given.
 */
export function chooseReno(fd: number): void {
  setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, putCString(native, NAME_AT, 'reno'), 4);
}

/** What poll() says of `fd` now. */
export function pollNow(fd: number, bits: number): number {
  native.view.setInt32(192, fd, true);
  native.view.setInt32(196, bits, true);
  while (ppoll(POLLFD, 1, NOW, 0) < 0 && errno() === EINTR);
  return native.view.getInt16(198, true);
}

/** True if what `fd` would read next is the place of an urgent byte, taken or not. */
export function isAtUrgent(fd: number): boolean {
  return ioctl(fd, SIOCATMARK, VALUE) === 0 && native.view.getInt32(96, true) !== 0;
}

/** Bytes that `fd` has sent and the other end has not yet acknowledged. */
export function unacknowledged(fd: number): number {
  return ioctl(fd, TIOCOUTQ, VALUE) === 0 ? native.view.getInt32(96, true) : 0;
}

function askTcpInfo(fd: number): boolean {
  native.view.setUint32(64, TCP_INFO_SIZE, true);
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, INFO, LENGTH) >= 0;
}

/** Bytes that have arrived at `fd` since it was connected, urgent ones too. */
export function received(fd: number): number {
  if (!askTcpInfo(fd)) return Number.POSITIVE_INFINITY;
  return Number(native.view.getBigUint64(INFO_AT + BYTES_RECEIVED, true));
}

/** How many packets `fd` may send before one of those on their way has to be acknowledged. */
export function packetsAllowed(fd: number): number {
  if (!askTcpInfo(fd)) return 0;
  return native.view.getUint32(INFO_AT + SND_CWND, true) - native.view.getUint32(INFO_AT + UNACKED, true);
}

/** For how many bytes that `fd` sends after the `sent` that it has sent the other end has said to have room. */
export function roomFor(fd: number, sent: number): number {
  if (!askTcpInfo(fd)) return 0;
  const acknowledged = Number(native.view.getBigUint64(INFO_AT + BYTES_ACKED, true));
  return native.view.getUint32(INFO_AT + SND_WND, true) - (sent - acknowledged);
}

/** Empties the error queue of `fd`. */
export function takeErrors(fd: number): void {
  native.bytes.fill(0, 128, 128 + MSGHDR_SIZE);
  while (recvmsg(fd, MSGHDR, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
}

/** When the change that is being made has waited enough; 0 as long as it has not waited at all. */
let deadline = 0;

/** A change begins, in which {@link pause} may wait, or never does. */
export function beginChange(mayWait: boolean): void {
  deadline = mayWait ? 0 : -1;
}

/** Waits a millisecond at most, for `fd` to have something to read if it is one; false if we have waited enough. */
export function pause(fd: number): boolean {
  const now = performance.now();
  if (deadline === 0) deadline = now + PATIENCE_MS;
  if (now >= deadline) return false;
  native.view.setInt32(192, fd, true);
  native.view.setInt32(196, POLLIN, true);
  ppoll(POLLFD, 1, MILLISECOND, 0);
  return true;
}
