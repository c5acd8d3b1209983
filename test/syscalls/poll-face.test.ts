import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { EAGAIN, ENFILE, Errno } from '../../src/base/errno.ts';
import {
  AF_UNIX,
  F_DUPFD_CLOEXEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  O_NONBLOCK,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/linux/constants.ts';
import { close, errno, fcntl, recv, recvmsg, setsockopt, syscall } from '../../src/linux/libc.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { receiveDescriptor, sendDescriptor, socketPair } from '../../src/linux/pass-fd.ts';
import { roomFor } from '../../src/syscalls/files/face-socket.ts';
import { PollFace } from '../../src/syscalls/files/poll-face.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from '../../src/vfs/file.ts';
import { withDescriptorLimit } from '../support/limits.ts';
import { pollOnce } from '../support/poll-once.ts';

const SO_ATTACH_FILTER = 26;
const BPF_RET = 6;
const SOCK_FPROG_SIZE = 16;
const FILTER = 2048;
const native = allocateNative(4096);
const face = new PollFace();
after(() => face.close());

/** What poll() says of a face once it says `wanted`, or ten seconds later if it never does. */
function settled(of: PollFace, wanted: number): number {
  let bits = pollOnce(of.fd);
  for (const end = Date.now() + 10_000; bits !== wanted && Date.now() < end; ) {
    of.settle();
    bits = pollOnce(of.fd);
  }
  return bits;
}

test('PollFace shows nothing when it is new', () => {
  assert.equal(settled(face, 0), 0);
});

test('PollFace shows exactly the asked bits when they change in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 }), (sequence) => {
      for (const bits of sequence) {
        face.show(bits);
        assert.equal(settled(face, bits), bits, `after ${sequence}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('PollFace follows O_NONBLOCK when it is set on the open file', () => {
  face.setFlags(O_NONBLOCK);
  assert.equal((face.flags() & O_NONBLOCK) !== 0, true);
  face.setFlags(0);
  assert.equal((face.flags() & O_NONBLOCK) !== 0, false);
});

/** Reads as much as it can: nothing, whatever poll() says. */
function readNothing(fd: number, flags: number): void {
  assert.equal(recv(fd, native.address, 64, flags), -1);
  assert.equal(errno(), EAGAIN);
}

test('PollFace gives nothing to who reads, and waits for nothing, whatever it shows, and then shows it again', () => {
  for (let bits = 0; bits < 16; bits++) {
    for (const flags of [MSG_DONTWAIT, MSG_PEEK, 0]) {
      face.show(bits);
      assert.equal(settled(face, bits), bits);
      readNothing(face.fd, flags);
      readNothing(face.fd, flags);
      face.confirm(bits);
      assert.equal(settled(face, bits), bits, `bits ${bits}, flags ${flags}`);
    }
  }
  face.show(0);
});

test('PollFace shows PRI at once when it has come and gone so often that nothing of it can be acknowledged', () => {
  for (const bits of [0, POLLIN, POLLOUT]) {
    for (let i = 0; i < 500; i++) {
      face.show(bits | POLLPRI);
      assert.equal(face.owes, false, `round ${i} beside ${bits}`);
      assert.equal(pollOnce(face.fd), bits | POLLPRI);
      face.show(bits);
      assert.equal(pollOnce(face.fd), bits);
    }
  }
  face.show(0);
});

test('PollFace always has room for what shows PRI, also when IN has been shown beside it all the while', () => {
  const one = new PollFace();
  one.show(POLLIN);
  // As many as there is room for at the beginning, nearly.
  const rounds = 60_000;
  for (let i = 0; i < rounds; i++) {
    one.show(POLLIN | POLLPRI);
    one.show(POLLIN);
    one.settle();
  }
  assert.equal(settled(one, POLLIN), POLLIN);
  assert.ok(roomFor(one.far, rounds) > rounds / 3);
  one.close();
});

/** How a program takes from its descriptor what makes poll() show a bit. */
const thefts: readonly { bit: number; steal: (fd: number) => number }[] = [
  { bit: POLLIN, steal: (fd) => recv(fd, native.address, 64, MSG_DONTWAIT) + 1 },
  { bit: POLLPRI, steal: (fd) => recv(fd, native.address, 1, MSG_OOB | MSG_DONTWAIT) },
  {
    bit: POLLERR,
    steal: (fd) => {
      native.bytes.fill(0, 128, 128 + 56);
      return recvmsg(fd, native.address + 128, MSG_ERRQUEUE | MSG_DONTWAIT);
    },
  },
];

// A second each would be far more than the limit.
test('PollFace waits for nothing when the program has taken what it showed', { timeout: 30_000 }, () => {
  for (const { bit, steal } of thefts) {
    for (let i = 0; i < 100; i++) {
      face.show(bit);
      assert.equal(settled(face, bit), bit);
      assert.ok(steal(face.fd) >= 0);
      face.show(0);
      assert.equal(face.owes, false, `bit ${bit}, round ${i}`);
      assert.equal(settled(face, 0), 0);
    }
  }
});

test('PollFace is not kept by a program that writes to its descriptor all the time', {
  timeout: 30_000,
}, async () => {
  const own = new PollFace();
  const child = spawn('cat', ['/dev/zero'], { stdio: ['ignore', own.fd, 'ignore'] });
  await once(child, 'spawn');
  for (let i = 0; i < 100; i++) {
    own.show(POLLERR | POLLOUT);
    own.show(0);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (const bits of [POLLERR, 0, POLLOUT, POLLIN]) {
    own.show(bits);
    assert.equal(settled(own, bits), bits);
  }
  own.close();
});

test('PollFace is not kept by a program that reads its descriptor all the time', {
  timeout: 30_000,
}, async () => {
  const own = new PollFace();
  own.setFlags(O_NONBLOCK);
  const reader = 'for (;;) try { require("fs").readSync(0, Buffer.alloc(1)); process.exit(1); } catch {}';
  const child = spawn(process.execPath, ['-e', reader], { stdio: [own.fd, 'ignore', 'ignore'] });
  await once(child, 'spawn');
  own.show(POLLIN);
  while (pollOnce(own.fd, POLLIN) === POLLIN);
  own.show(0);
  for (let i = 0; i < 2000; i++) {
    own.show(POLLIN);
    own.edge(POLLIN);
    own.show(POLLIN | POLLPRI);
    own.settle();
    own.show(0);
  }
  child.kill('SIGKILL');
  // It has read nothing until then.
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
  for (const bits of [POLLIN, 0, POLLPRI, POLLIN | POLLPRI, 0]) {
    own.show(bits);
    own.confirm(bits);
    assert.equal(settled(own, bits), bits);
  }
  own.close();
});

test('PollFace shows IN and PRI again when the program has taken them and something new comes', () => {
  for (const { bit, steal } of thefts.slice(0, 2)) {
    face.show(bit);
    assert.ok(steal(face.fd) >= 0);
    face.edge(bit);
    assert.equal(settled(face, bit), bit);
    face.show(0);
    assert.equal(settled(face, 0), 0);
  }
});

const isX64 = process.arch === 'x64';
const NR_EPOLL_CREATE1 = isX64 ? 291 : 20;
const NR_EPOLL_CTL = isX64 ? 233 : 21;
const NR_EPOLL_PWAIT = isX64 ? 281 : 22;
const EPOLL_CTL_ADD = 1;
const EPOLLET = 0x80000000;
/** Where struct epoll_event has its data: it is packed on x64 only. */
const EVENT_DATA = isX64 ? 4 : 8;

function edgeTriggered(fd: number, bits: number): { epoll: number; wait: () => number } {
  const epoll = syscall(NR_EPOLL_CREATE1, 0, 0, 0, 0, 0, 0);
  native.view.setUint32(256, (EPOLLET | bits) >>> 0, true);
  native.view.setUint32(256 + EVENT_DATA, 1, true);
  assert.equal(syscall(NR_EPOLL_CTL, epoll, EPOLL_CTL_ADD, fd, native.address + 256, 0, 0), 0);
  const wait = () =>
    syscall(NR_EPOLL_PWAIT, epoll, native.address + 512, 4, 0, 0, 8) > 0
      ? native.view.getUint32(512, true)
      : 0;
  return { epoll, wait };
}

test('PollFace.edge() wakes who waits for edges, every time, when the bit was up already', () => {
  for (const bit of [POLLIN, POLLPRI, POLLOUT]) {
    face.show(0);
    assert.equal(settled(face, 0), 0);
    const { epoll, wait } = edgeTriggered(face.fd, bit);
    assert.equal(wait(), 0);
    face.show(bit);
    assert.equal(settled(face, bit), bit);
    assert.equal(wait(), bit, 'the first edge');
    for (let i = 0; i < 1000; i++) {
      assert.equal(wait(), 0, `bit ${bit}: no edge without a cause`);
      face.edge(bit);
      assert.equal(wait(), bit, `bit ${bit}: edge ${i}`);
    }
    face.show(0);
    assert.equal(settled(face, 0), 0, 'nothing is left of the edges');
    face.edge(bit);
    assert.equal(wait(), 0, 'what is not shown has no edge');
    close(epoll);
  }
});

test('PollFace says ENFILE and leaves nothing open when there are not enough descriptors', () => {
  const lowest = fcntl(0, F_DUPFD_CLOEXEC, 0);
  close(lowest);
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  let failures = 0;
  for (let room = 0; room < 4; room++) {
    withDescriptorLimit(lowest + room, () => {
      try {
        new PollFace().close();
      } catch (error) {
        assert.ok(error instanceof Errno && error.code === ENFILE, `${error}`);
        failures++;
      }
    });
    assert.equal(descriptors(), before, `with room for ${room}`);
  }
  assert.ok(failures >= 2);
});

/** In a network that has no loopback interface up, and where no other network can be made. */
const withoutNetwork = (limit: string) => [
  '-rn',
  'sh',
  '-c',
  `${limit}; echo 0 > /proc/sys/user/max_net_namespaces && exec "$0" "$@"`,
  process.execPath,
];
const canUnshare = spawnSync('unshare', [...withoutNetwork(':'), '-e', '0']).status === 0;

test('PollFace says so when there is no loopback or no port, and mends itself when what is late arrives after all', {
  skip: canUnshare ? false : 'unshare -rn does not work here',
  timeout: 60_000,
}, () => {
  const script = fileURLToPath(new URL('../support/loopback-down.js', import.meta.url));
  // Where no memory may be locked, more is sent.
  for (const limit of [':', 'ulimit -l 0']) {
    const { stdout, stderr } = spawnSync('unshare', [...withoutNetwork(limit), script], { encoding: 'utf8' });
    assert.equal(stderr, '');
    const { failure, lates, ports } = JSON.parse(stdout);
    assert.match(failure.reason, /no connections over loopback/);
    assert.deepEqual([failure.known, failure.leaked], [true, 0]);
    assert.deepEqual(lates, [
      { owed: false, shown: 0 },
      { owed: true, shown: 0 },
      { owed: true, shown: 0 },
    ]);
    const [{ made, said, known, leaked, reason }, again] = ports;
    assert.ok(made > 0);
    for (const words of [said, reason])
      assert.match(words, /^no TCP port is left.*; widen the range: sysctl/);
    assert.deepEqual([known, leaked, again.made > 0], [false, 0, true]);
  }
});

test('PollFace shows HUP to everybody, with ERR and PRI, and for good', () => {
  const gone = new PollFace();
  gone.show(POLLIN);
  gone.show(POLLERR | POLLHUP | POLLPRI);
  for (const bits of [0, POLLIN, POLLERR | POLLHUP | POLLPRI]) {
    assert.equal(pollOnce(gone.fd, POLLPRI), POLLERR | POLLHUP | POLLPRI);
    assert.equal(pollOnce(gone.fd, 0), POLLERR | POLLHUP);
    gone.show(bits);
    gone.confirm(POLLPRI);
  }
  const holder = fcntl(gone.fd, F_DUPFD_CLOEXEC, 0);
  gone.letGo();
  assert.equal(gone.ended(), false);
  close(holder);
  assert.equal(gone.ended(), true);
  gone.close();
});

/** Lets go of a face that shows `bits`, of which `holder` is the last descriptor. */
function letGoOf(bits: number): { held: PollFace; holder: number } {
  const held = new PollFace();
  held.show(bits);
  assert.equal(settled(held, bits), bits);
  const holder = fcntl(held.fd, F_DUPFD_CLOEXEC, 0);
  held.letGo();
  assert.equal(pollOnce(holder), bits, 'what is shown stays');
  assert.equal(held.ended(), false);
  return { held, holder };
}

test('PollFace.ended() is true when the last descriptor was closed, whatever was shown', () => {
  for (let bits = 0; bits < 16; bits++) {
    const { held, holder } = letGoOf(bits);
    const second = fcntl(holder, F_DUPFD_CLOEXEC, 0);
    close(holder);
    assert.equal(held.ended(), false, `bits ${bits}: one descriptor is left`);
    close(second);
    assert.equal(held.ended(), true, `bits ${bits}`);
    held.close();
  }
});

/** A socket filter that lets nothing through: one instruction, and where it is. */
function makeDeaf(fd: number): boolean {
  native.bytes.fill(0, FILTER, FILTER + 8 + SOCK_FPROG_SIZE);
  native.view.setUint16(FILTER, BPF_RET, true);
  native.view.setUint16(FILTER + 8, 1, true);
  native.view.setBigUint64(FILTER + 16, BigInt(native.address + FILTER), true);
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, native.address + FILTER + 8, SOCK_FPROG_SIZE) === 0;
}

test('PollFace.ended() is true at the last close when the other end does not hear of it', (context) => {
  const { held, holder } = letGoOf(POLLIN);
  if (!makeDeaf(held.far)) context.skip('socket filters are not allowed here');
  else {
    assert.equal(held.ended(), false);
    close(holder);
    assert.equal(held.ended(), true);
  }
  held.close();
});

test('PollFace.ended() is false as long as a descriptor is on its way between two programs', () => {
  const { held, holder } = letGoOf(POLLIN);
  const [one, other] = socketPair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC) ?? [-1, -1];
  assert.ok(sendDescriptor(one, holder, 0));
  close(holder);
  assert.equal(held.ended(), false);
  const { fd = -1 } = receiveDescriptor(other) ?? {};
  assert.equal(held.ended(), false);
  assert.ok(sendDescriptor(one, fd, 0));
  close(fd);
  assert.equal(held.ended(), false);
  close(one);
  close(other);
  assert.equal(held.ended(), true, 'it is lost with its socket');
  held.close();
});

test('PollFace.ended() is true when the process that had the last descriptor has ended', async () => {
  for (const bits of [0, POLLIN | POLLOUT]) {
    const { held, holder } = letGoOf(bits);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore', holder],
    });
    await once(child, 'spawn');
    close(holder);
    assert.equal(held.ended(), false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(held.ended(), true);
    held.close();
  }
});
