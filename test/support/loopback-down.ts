/**
 * Run in a network namespace of its own: what poll faces do while there is no loopback interface, when it comes
 * back, and when no port is left. Prints what happened as JSON.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { Errno } from '../../src/base/errno.ts';
import { AF_INET, SOCK_STREAM } from '../../src/linux/constants.ts';
import { close, ioctl, ppoll, socket } from '../../src/linux/libc.ts';
import { loopbackTrouble } from '../../src/linux/loopback.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { NoLoopback } from '../../src/syscalls/files/loopback-pair.ts';
import { PollFace } from '../../src/syscalls/files/poll-face.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI } from '../../src/vfs/file.ts';
import { pollOnce } from './poll-once.ts';

const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const native = allocateNative(4096);

function setLoopback(up: boolean): void {
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  native.bytes.fill(0, 0, 40);
  native.bytes.set(new TextEncoder().encode('lo'));
  native.view.setInt16(16, up ? IFF_UP : 0, true);
  if (ioctl(fd, SIOCSIFFLAGS, native.address) !== 0) throw new Error('the loopback interface cannot be set');
  close(fd);
}

const descriptors = () => readdirSync('/proc/self/fd').length;

function newFaceFails(): { known: boolean; leaked: number; reason: string } {
  const before = descriptors();
  try {
    new PollFace();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return { known: error instanceof NoLoopback, leaked: descriptors() - before, reason: error.reason };
  }
  throw new Error('a face was made without loopback');
}

function waitAMillisecond(): void {
  native.view.setUint32(64, 0, true);
  native.view.setUint32(72, 1_000_000, true);
  ppoll(0, 0, native.address + 64, 0);
}

/** Shows `bit`, where only IN needs nothing to arrive, takes it back, and waits for the face to mend itself. */
function late(face: PollFace, bit: number): { owed: boolean; shown: number } {
  setLoopback(false);
  face.show(bit);
  face.show(0);
  const owed = face.owes;
  setLoopback(true);
  while (face.settle()) waitAMillisecond();
  return { owed, shown: pollOnce(face.fd) };
}

/** Makes faces until there is no port for another one. */
function untilNoPort(): { made: number; said: string | undefined } & ReturnType<typeof newFaceFails> {
  const faces: PollFace[] = [];
  try {
    for (;;) faces.push(new PollFace());
  } catch {
    return { made: faces.length, said: loopbackTrouble(), ...newFaceFails() };
  } finally {
    for (const face of faces) face.close();
  }
}

const failure = newFaceFails();
setLoopback(true);
const face = new PollFace();
const lates = [POLLIN, POLLPRI, POLLERR].map((bit) => late(face, bit));
for (const bits of [POLLIN, 0, POLLPRI, POLLIN | POLLOUT, POLLERR, 0]) {
  face.show(bits);
  for (; pollOnce(face.fd) !== bits; face.settle()) waitAMillisecond();
}
face.close();
writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', '61000 61007');
const ports = [untilNoPort(), untilNoPort()];
console.log(JSON.stringify({ failure, lates, ports }));
