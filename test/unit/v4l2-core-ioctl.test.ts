import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EACCES, EFAULT, EINVAL, ENODEV, ENOSPC, ENOTTY, Errno } from '../../src/base/errno.ts';
import { BAD_ADDRESS } from '../../src/testing/in-process-client.ts';
import { deviceWith, querycap } from '../support/device-with.ts';

const { V4L2_BUF_TYPE_VIDEO_CAPTURE: CAPTURE } = abi;

test('videoIoctl2 answers ENOTTY and leaves the buffer alone when the ioctl is not one of V4L2', () => {
  const { program, file } = deviceWith(querycap);
  const buffer = program.alloc(0x4000);
  const before = buffer.bytes.slice();
  for (const dir of [abi._IOC_READ, abi._IOC_WRITE, abi._IOC_READ | abi._IOC_WRITE]) {
    const cmd = ((dir << 30) | (0x3fff << 16) | (0x56 << 8)) >>> 0;
    assert.equal(file.ioctl(cmd, buffer.address), -ENOTTY);
  }
  assert.deepEqual(buffer.bytes, before);
  assert.equal(file.ioctl(abi._IO('V', 0xff), 0), -ENOTTY);
});

test('videoIoctl2 hands an ioctl of its own to the driver, with its argument and who comes first', () => {
  const seen: unknown[] = [];
  const twice = abi._IOWR('x', 1, abi.struct('twice', { value: abi.u32 }));
  const plain = abi._IO('x', 2);
  const { program, file, vdev } = deviceWith({
    ...querycap,
    vidioc_default(_file, _fh, { cmd, arg, bytes, validPrio }) {
      seen.push(bytes.length, validPrio);
      if (cmd === plain) return arg + 1;
      if (cmd !== twice) throw new Errno(ENOTTY);
      if (bytes[0] === 9) throw new Errno(EINVAL);
      bytes[0] = 2 * (bytes[0] as number);
      return undefined;
    },
  });
  const { address, bytes } = program.alloc(4);
  bytes[0] = 3;
  assert.deepEqual([file.ioctl(twice, address), bytes[0]], [0, 6]);
  bytes[0] = 9;
  assert.deepEqual([file.ioctl(twice, address), bytes[0]], [-EINVAL, 9], 'a refusal writes nothing');
  assert.equal(file.ioctl(plain, 41), 42, 'what the driver gives is the result');
  assert.equal(file.ioctl(twice, BAD_ADDRESS), -EFAULT);
  assert.equal(file.ioctl(abi._IO('x', 3), 0), -ENOTTY);
  bytes.fill(0);
  bytes[0] = abi.V4L2_PRIORITY_RECORD;
  assert.equal(program.open(vdev).ioctl(abi.VIDIOC_S_PRIORITY, address), 0);
  file.ioctl(plain, 0);
  assert.deepEqual(seen, [4, true, 4, true, 0, true, 0, true, 0, false]);
});

test('videoIoctl2 hands an ioctl that only reads a cleared argument', () => {
  const number = abi._IOR('x', 1, abi.struct('number', { value: abi.u32 }));
  let given: number[] = [];
  const { program, file } = deviceWith({
    vidioc_default(_file, _fh, { bytes }) {
      given = [...bytes];
      bytes.fill(7);
    },
  });
  const { address, bytes } = program.alloc(4);
  bytes.fill(1);
  assert.equal(file.ioctl(number, address), 0);
  assert.deepEqual(
    [given, [...bytes]],
    [
      [0, 0, 0, 0],
      [7, 7, 7, 7],
    ],
  );
});

test('videoIoctl2 answers ENOTTY and leaves the buffer alone when the driver has no such op', () => {
  const { program, file } = deviceWith(querycap);
  const { address, bytes } = program.alloc(abi.v4l2_input.size);
  const before = bytes.slice();
  assert.equal(file.ioctl(abi.VIDIOC_ENUMINPUT, address), -ENOTTY);
  assert.deepEqual(bytes, before);
});

test('videoIoctl2 takes the number as 32 bits when it comes sign extended', () => {
  const { program, file } = deviceWith(querycap);
  assert.equal(file.ioctl(abi.VIDIOC_QUERYCAP | 0, program.make(abi.v4l2_capability)), 0);
});

test('videoIoctl2 answers EFAULT when the argument cannot be read, before it looks for an op', () => {
  const { file } = deviceWith(querycap);
  assert.equal(file.ioctl(abi.VIDIOC_ENUMINPUT, BAD_ADDRESS), -EFAULT);
});

test('videoIoctl2 answers EFAULT when the answer cannot be written', () => {
  const { file } = deviceWith(querycap);
  assert.equal(file.ioctl(abi.VIDIOC_QUERYCAP, 0), -EFAULT);
});

test('videoIoctl2 answers ENODEV before anything else when the device is gone', () => {
  const { registry, vdev, file } = deviceWith(querycap);
  registry.unregister(vdev);
  assert.equal(file.ioctl(abi.VIDIOC_ENUMINPUT, BAD_ADDRESS), -ENODEV);
  assert.equal(file.ioctl(abi._IO('V', 0xff), 0), -ENODEV);
});

test('videoIoctl2 clears what the program must not set when the op is called', () => {
  let seen: Uint8Array | undefined;
  const { program, file } = deviceWith({
    vidioc_enum_input(_file, _fh, input) {
      seen = input.$bytes.slice();
    },
  });
  const input = program.make(abi.v4l2_input);
  input.$bytes.fill(0xff);
  input.index = 3;
  file.do(abi.VIDIOC_ENUMINPUT, input);
  const expected = abi.v4l2_input.make();
  expected.index = 3;
  assert.deepEqual(seen, expected.$bytes);
});

test('videoIoctl2 clears an argument that only comes out when another call has used the memory', () => {
  const { program, file } = deviceWith({
    ...querycap,
    vidioc_g_input() {},
    vidioc_s_input() {},
  });
  const int = program.alloc(4);
  file.do(abi.VIDIOC_S_INPUT, int.address);
  file.do(abi.VIDIOC_G_INPUT, int.address);
  assert.deepEqual([...int.bytes], [0, 0, 0, 0]);
});

test('videoIoctl2 does not copy out when the op fails', () => {
  const { program, file } = deviceWith({
    vidioc_enum_input(_file, _fh, input) {
      input.name = 'changed';
      throw new Errno(EINVAL);
    },
  });
  const input = program.make(abi.v4l2_input);
  assert.equal(file.ioctl(abi.VIDIOC_ENUMINPUT, input), -EINVAL);
  assert.equal(input.name, '');
});

test('videoIoctl2 copies out when the op fails, if the ioctl says in its argument what was wrong', () => {
  const { program, file } = deviceWith({
    vidioc_try_ext_ctrls(_file, _fh, c, _caller, controls) {
      c.error_idx = 1;
      controls![1]!.size = 77;
      throw new Errno(ENOSPC);
    },
  });
  const array = program.alloc(2 * abi.v4l2_ext_control.size);
  const c = program.make(abi.v4l2_ext_controls);
  c.count = 2;
  c.controls = array.address;
  assert.equal(file.ioctl(abi.VIDIOC_TRY_EXT_CTRLS, c), -ENOSPC);
  assert.equal(c.error_idx, 1);
  assert.equal(abi.v4l2_ext_control.at(array.bytes, abi.v4l2_ext_control.size).size, 77);
});

test('videoIoctl2 copies arrays in and out, within the limits of the kernel', () => {
  let ids: number[] = [];
  const { program, file } = deviceWith({
    vidioc_g_ext_ctrls(_file, _fh, _c, _caller, controls = []) {
      ids = controls.map((control) => control.id);
      for (const control of controls) control.value = control.id + 1;
    },
  });
  const array = program.alloc(2 * abi.v4l2_ext_control.size);
  const controls = [0, 1].map((i) => abi.v4l2_ext_control.at(array.bytes, i * abi.v4l2_ext_control.size));
  controls.forEach((control, i) => {
    control.id = 10 + i;
  });
  const c = program.make(abi.v4l2_ext_controls);
  c.count = 2;
  c.controls = array.address;
  file.do(abi.VIDIOC_G_EXT_CTRLS, c);
  assert.deepEqual(ids, [10, 11]);
  assert.deepEqual(
    controls.map((control) => control.value),
    [11, 12],
  );
  assert.equal(c.controls, array.address);

  c.controls = BAD_ADDRESS;
  assert.equal(file.ioctl(abi.VIDIOC_G_EXT_CTRLS, c), -EFAULT);
  c.count = 1025;
  assert.equal(file.ioctl(abi.VIDIOC_G_EXT_CTRLS, c), -EINVAL);
});

test('videoIoctl2 gives a buffer op the planes when the type is multi-planar, and none otherwise', () => {
  const seen: (number | undefined)[] = [];
  const { program, file } = deviceWith({
    vidioc_g_fmt_vid_cap() {},
    vidioc_g_fmt_vid_cap_mplane() {},
    vidioc_qbuf(_file, _fh, _b, _caller, planes) {
      seen.push(planes?.length);
    },
  });
  const b = program.make(abi.v4l2_buffer);
  b.length = 2;
  b.m.planes = program.alloc(2 * abi.v4l2_plane.size).address;
  b.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
  file.do(abi.VIDIOC_QBUF, b);
  b.type = CAPTURE;
  file.do(abi.VIDIOC_QBUF, b);
  b.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
  b.length = 9;
  assert.equal(file.ioctl(abi.VIDIOC_QBUF, b), -EINVAL);
  assert.deepEqual(seen, [2, undefined]);
});

test('videoIoctl2 passes on whatever error the op throws', () => {
  const { file } = deviceWith({
    vidioc_log_status() {
      throw new Errno(EACCES);
    },
  });
  assert.equal(file.ioctl(abi.VIDIOC_LOG_STATUS), -EACCES);
});

test('videoIoctl2 keeps each element of an array once, however many lengths of it are asked for', () => {
  const seen = new Set<unknown>();
  const { program, file } = deviceWith({
    vidioc_g_ext_ctrls(_file, _fh, _cs, _caller, controls) {
      for (const control of controls ?? []) seen.add(control);
    },
  });
  const longest = 64;
  const { address } = program.alloc(longest * abi.v4l2_ext_control.size);
  const cs = program.make(abi.v4l2_ext_controls);
  for (cs.count = 1; cs.count <= longest; cs.count++) {
    cs.controls = address;
    assert.equal(file.ioctl(abi.VIDIOC_G_EXT_CTRLS, cs), 0);
  }
  assert.equal(seen.size, longest);
});
