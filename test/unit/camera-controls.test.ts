/** Controls as they are set from outside: `usercam set`, `camera.set()`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { V4L2_CID_USER_BASE } from '../../src/abi/index.ts';
import { EINVAL, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { readControls, setControls } from '../../src/session/camera-steering.ts';
import '../support/driver-bugs.ts';

const OWN = V4L2_CID_USER_BASE | 0xf000;

function vivi() {
  const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
  const devices = createCameras(parseCamera('vivi'), surroundings);
  const int64 = () => devices[0]?.ctrlHandler?.find(OWN + 3)?.cur.val64;
  return { devices, int64 };
}

test('setControls gives a control the nearest that it can have, however large the number is', () => {
  const { devices, int64 } = vivi();
  const after = (control: string, value: number | string) => {
    setControls(devices, { [control]: value });
    return readControls(devices)[control];
  };
  assert.equal(after('brightness', '99999999999'), 255);
  assert.equal(after('brightness', -99999999999), 0);
  assert.equal(after('integer_32_bits', 2 ** 32), 2 ** 31 - 1);
  assert.equal(after('integer_32_bits', '-1e20'), -(2 ** 31));
  assert.equal(Number(after('bitmask', '0x80402010')) >>> 0, 0x80402010);
  for (const [text, value] of [
    ['1e3', 1000n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['99999999999999999999', 2n ** 63n - 1n],
    ['-99999999999999999999', -(2n ** 63n)],
    ['0x10', 16n],
  ] as const) {
    setControls(devices, { integer_64_bits: text });
    assert.equal(int64(), value, text);
  }
});

test('setControls refuses what is no whole number', () => {
  const { devices } = vivi();
  for (const control of ['brightness', 'integer_64_bits'])
    for (const value of ['', ' ', 'x', '1.5', '1e400', Number.NaN])
      assert.throws(
        () => setControls(devices, { [control]: value }),
        (error: unknown) =>
          error instanceof Errno && error.code === EINVAL && /whole number/.test(error.reason),
        `${control}=${value}`,
      );
});
