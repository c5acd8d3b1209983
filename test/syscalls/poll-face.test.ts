import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { ppoll } from '../../src/linux/libc.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { PollFace } from '../../src/syscalls/poll-face.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI } from '../../src/vfs/file.ts';

const native = allocateNative(4096);
const ALL = POLLIN | POLLPRI | POLLOUT | POLLERR;
const face = new PollFace();
after(() => face.close());

/** What poll() says of a descriptor once it says `wanted`, or a second later if it never does. */
function settled(fd: number, wanted: number): number {
  let bits = poll(fd);
  for (const end = Date.now() + 1000; bits !== wanted && Date.now() < end; ) bits = poll(fd);
  return bits;
}

function poll(fd: number): number {
  native.view.setInt32(0, fd, true);
  native.view.setInt16(4, ALL, true);
  native.view.setInt32(8, 0, true);
  native.bytes.fill(0, 64, 80);
  ppoll(native.address, 1, native.address + 64, 0);
  return native.view.getUint16(6, true) & ALL;
}

test('PollFace shows nothing when it is new', () => {
  assert.equal(settled(face.fd, 0), 0);
});

test('PollFace shows exactly the asked bits when they change in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 }), (sequence) => {
      for (const bits of sequence) {
        face.show(bits);
        assert.equal(settled(face.fd, bits), bits, `after ${sequence}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('PollFace follows O_NONBLOCK when it is set on the open file', () => {
  face.setNonblock(true);
  assert.equal(face.nonblock(), true);
  face.setNonblock(false);
  assert.equal(face.nonblock(), false);
});
