import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL, ENOTTY } from '../../src/base/errno.ts';
import { deviceWith, querycap } from '../support/device-with.ts';
import { bugsIn } from '../support/driver-bugs.ts';

const { V4L2_BUF_TYPE_VIDEO_CAPTURE: CAPTURE } = abi;

test('VIDIOC_QUERYCAP says the version of the kernel and adds what the core can do', () => {
  const caps = abi.V4L2_CAP_VIDEO_CAPTURE | abi.V4L2_CAP_STREAMING;
  const { program, file } = deviceWith(querycap, caps);
  const cap = program.make(abi.v4l2_capability);
  file.do(abi.VIDIOC_QUERYCAP, cap);
  assert.equal(cap.card, 'A card');
  assert.equal(cap.version, 0x060100);
  assert.equal(cap.device_caps, caps | abi.V4L2_CAP_EXT_PIX_FORMAT);
  assert.equal(cap.capabilities, (caps | abi.V4L2_CAP_EXT_PIX_FORMAT | abi.V4L2_CAP_DEVICE_CAPS) >>> 0);
});

test('every ioctl with a buffer type answers EINVAL when the device has no buffers of that type', () => {
  const nothing = () => {};
  const { program, file } = deviceWith({
    vidioc_g_fmt_vid_cap: nothing,
    vidioc_s_fmt_vid_cap: nothing,
    vidioc_try_fmt_vid_cap: nothing,
    vidioc_enum_fmt_vid_cap: nothing,
    vidioc_g_parm: nothing,
    vidioc_s_parm: nothing,
    vidioc_reqbufs: nothing,
    vidioc_querybuf: nothing,
    vidioc_qbuf: nothing,
    vidioc_prepare_buf: nothing,
    vidioc_dqbuf: () => 0,
    vidioc_create_bufs: nothing,
  });
  const cases: readonly [number, abi.StructView & { type: number }][] = [
    [abi.VIDIOC_G_FMT, program.make(abi.v4l2_format)],
    [abi.VIDIOC_S_FMT, program.make(abi.v4l2_format)],
    [abi.VIDIOC_TRY_FMT, program.make(abi.v4l2_format)],
    [abi.VIDIOC_ENUM_FMT, program.make(abi.v4l2_fmtdesc)],
    [abi.VIDIOC_G_PARM, program.make(abi.v4l2_streamparm)],
    [abi.VIDIOC_S_PARM, program.make(abi.v4l2_streamparm)],
    [abi.VIDIOC_REQBUFS, program.make(abi.v4l2_requestbuffers)],
    [abi.VIDIOC_QUERYBUF, program.make(abi.v4l2_buffer)],
    [abi.VIDIOC_QBUF, program.make(abi.v4l2_buffer)],
    [abi.VIDIOC_PREPARE_BUF, program.make(abi.v4l2_buffer)],
    [abi.VIDIOC_DQBUF, program.make(abi.v4l2_buffer)],
  ];
  for (const [cmd, argument] of cases) {
    for (const type of [0, abi.V4L2_BUF_TYPE_VIDEO_OUTPUT, abi.V4L2_BUF_TYPE_PRIVATE, 33, 0xffffffff]) {
      argument.type = type;
      assert.equal(file.ioctl(cmd, argument), -EINVAL, `0x${cmd.toString(16)}, type ${type}`);
    }
    argument.type = CAPTURE;
    assert.equal(file.ioctl(cmd, argument), 0, `0x${cmd.toString(16)}`);
  }
  const create = program.make(abi.v4l2_create_buffers);
  create.format.type = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
  assert.equal(file.ioctl(abi.VIDIOC_CREATE_BUFS, create), -EINVAL);
});

test('VIDIOC_ENUM_FMT describes the format as the kernel does', () => {
  const { program, file } = deviceWith({
    vidioc_g_fmt_vid_cap() {},
    vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
      desc.pixelformat = desc.index === 0 ? abi.V4L2_PIX_FMT_YUYV : abi.V4L2_PIX_FMT_MJPEG;
    },
  });
  const desc = program.make(abi.v4l2_fmtdesc);
  desc.$bytes.fill(0xff);
  desc.type = CAPTURE;
  desc.index = 0;
  file.do(abi.VIDIOC_ENUM_FMT, desc);
  assert.equal(desc.description, 'YUYV 4:2:2');
  assert.equal(desc.flags, 0);
  assert.equal(desc.mbus_code, 0);
  assert.equal(desc.reserved.get(0), 0);
  desc.index = 1;
  file.do(abi.VIDIOC_ENUM_FMT, desc);
  assert.equal(desc.description, 'Motion-JPEG');
  assert.equal(desc.flags, abi.V4L2_FMT_FLAG_COMPRESSED);
});

test('VIDIOC_S_FMT clears the newer fields when the program does not say that it knows them', () => {
  const quantizations: number[] = [];
  const { program, file } = deviceWith({
    vidioc_g_fmt_vid_cap() {},
    vidioc_s_fmt_vid_cap(_file, _fh, f) {
      quantizations.push(f.fmt.pix.quantization);
      f.fmt.pix.priv = 0;
    },
  });
  const f = program.make(abi.v4l2_format);
  f.type = CAPTURE;
  f.fmt.pix.quantization = 2;
  f.fmt.pix.priv = 1234;
  file.do(abi.VIDIOC_S_FMT, f);
  assert.equal(f.fmt.pix.priv, abi.V4L2_PIX_FMT_PRIV_MAGIC);
  f.fmt.pix.quantization = 2;
  f.fmt.raw_data.set(199, 0xff);
  file.do(abi.VIDIOC_S_FMT, f);
  assert.deepEqual(quantizations, [0, 2]);
  assert.equal(f.fmt.raw_data.get(199), 0);
});

test('VIDIOC_G_PARM says how many buffers read() uses when the device has read(), 0 when not', () => {
  const ops = { vidioc_g_fmt_vid_cap() {}, vidioc_g_parm() {} };
  for (const [caps, readbuffers] of [
    [abi.V4L2_CAP_VIDEO_CAPTURE, 0],
    [abi.V4L2_CAP_VIDEO_CAPTURE | abi.V4L2_CAP_READWRITE, 2],
  ] as const) {
    const { program, file } = deviceWith(ops, caps);
    const parm = program.make(abi.v4l2_streamparm);
    parm.type = CAPTURE;
    file.do(abi.VIDIOC_G_PARM, parm);
    assert.equal(parm.parm.capture.readbuffers, readbuffers);
  }
});

test('VIDIOC_G_SELECTION and S_SELECTION ask with the single-planar type and give the program its own back', () => {
  const types: number[] = [];
  const seen = (_file: unknown, _fh: unknown, s: abi.v4l2_selection) => void types.push(s.type);
  const { program, file } = deviceWith({ vidioc_g_selection: seen, vidioc_s_selection: seen });
  const s = program.make(abi.v4l2_selection);
  for (const cmd of [abi.VIDIOC_G_SELECTION, abi.VIDIOC_S_SELECTION]) {
    for (const type of [abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, abi.V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE, 3]) {
      s.type = type;
      file.do(cmd, s);
      assert.equal(s.type, type);
    }
  }
  const single = [CAPTURE, abi.V4L2_BUF_TYPE_VIDEO_OUTPUT, 3];
  assert.deepEqual(types, [...single, ...single]);
});

test('VIDIOC_G_PARM reaches a multi-planar driver with the single-planar type; formats of that type are EINVAL', () => {
  const types: number[] = [];
  const nothing = () => {};
  const { program, file } = deviceWith({
    vidioc_g_fmt_vid_cap_mplane: nothing,
    vidioc_s_fmt_vid_cap_mplane: nothing,
    vidioc_try_fmt_vid_cap_mplane: nothing,
    vidioc_enum_fmt_vid_cap: nothing,
    vidioc_g_parm: (_file, _fh, parm) => void types.push(parm.type),
  });
  const parm = program.make(abi.v4l2_streamparm);
  const f = program.make(abi.v4l2_format);
  const desc = program.make(abi.v4l2_fmtdesc);
  const formats = [
    [abi.VIDIOC_G_FMT, f],
    [abi.VIDIOC_S_FMT, f],
    [abi.VIDIOC_TRY_FMT, f],
    [abi.VIDIOC_ENUM_FMT, desc],
  ] as const;
  for (const [type, result] of [
    [CAPTURE, -EINVAL],
    [abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, 0],
  ] as const) {
    parm.type = type;
    file.do(abi.VIDIOC_G_PARM, parm);
    f.type = type;
    desc.type = type;
    for (const [cmd, argument] of formats) assert.equal(file.ioctl(cmd, argument), result);
  }
  assert.deepEqual(types, [CAPTURE, abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE]);
  parm.type = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
  assert.equal(file.ioctl(abi.VIDIOC_G_PARM, parm), -EINVAL);
});

test('VIDIOC_QUERYCAP keeps capabilities that the driver adds', () => {
  const { program, file } = deviceWith({
    vidioc_querycap(_file, _fh, cap) {
      cap.capabilities |= abi.V4L2_CAP_VIDEO_OUTPUT;
    },
  });
  const cap = program.make(abi.v4l2_capability);
  file.do(abi.VIDIOC_QUERYCAP, cap);
  const node = abi.V4L2_CAP_VIDEO_CAPTURE | abi.V4L2_CAP_EXT_PIX_FORMAT;
  assert.equal(cap.device_caps, node);
  assert.equal(cap.capabilities, (node | abi.V4L2_CAP_DEVICE_CAPS | abi.V4L2_CAP_VIDEO_OUTPUT) >>> 0);
});

test('VIDIOC_QUERYCAP reports a driver that takes capabilities away, and puts them back', () => {
  const { program, file } = deviceWith({
    vidioc_querycap(_file, _fh, cap) {
      cap.capabilities = 0;
      cap.device_caps = 0;
    },
  });
  const cap = program.make(abi.v4l2_capability);
  assert.equal(bugsIn(() => file.do(abi.VIDIOC_QUERYCAP, cap)).length, 2);
  const node = abi.V4L2_CAP_VIDEO_CAPTURE | abi.V4L2_CAP_EXT_PIX_FORMAT;
  assert.deepEqual([cap.device_caps, cap.capabilities], [node, (node | abi.V4L2_CAP_DEVICE_CAPS) >>> 0]);
});

test('VIDIOC_G_CROP asks for the selection that the older ioctl means', () => {
  const targets: number[] = [];
  const { program, file } = deviceWith({
    vidioc_g_selection(_file, _fh, s) {
      targets.push(s.target);
      s.r.width = 100 + s.target;
    },
  });
  const crop = program.make(abi.v4l2_crop);
  crop.type = CAPTURE;
  file.do(abi.VIDIOC_G_CROP, crop);
  assert.equal(crop.c.width, 100);
  crop.type = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
  file.do(abi.VIDIOC_G_CROP, crop);
  assert.equal(crop.c.width, 100 + abi.V4L2_SEL_TGT_COMPOSE);
  const cap = program.make(abi.v4l2_cropcap);
  cap.type = CAPTURE;
  file.do(abi.VIDIOC_CROPCAP, cap);
  assert.equal(cap.pixelaspect.denominator, 1);
  assert.equal(cap.bounds.width, 100 + abi.V4L2_SEL_TGT_CROP_BOUNDS);
  assert.equal(file.ioctl(abi.VIDIOC_S_CROP, crop), -ENOTTY);
});

test('VIDIOC_S_PRIORITY keeps others from changing the device while it is higher', () => {
  const { program, vdev, file } = deviceWith({
    vidioc_g_input() {},
    vidioc_s_input() {},
  });
  const other = program.open(vdev);
  const value = program.alloc(4);
  const view = new DataView(value.bytes.buffer, value.bytes.byteOffset, 4);
  const set = (client: typeof file, priority: number) => {
    view.setUint32(0, priority, true);
    return client.ioctl(abi.VIDIOC_S_PRIORITY, value.address);
  };
  const get = () => {
    other.do(abi.VIDIOC_G_PRIORITY, value.address);
    return view.getUint32(0, true);
  };
  assert.equal(get(), abi.V4L2_PRIORITY_DEFAULT);
  assert.equal(set(file, abi.V4L2_PRIORITY_RECORD), 0);
  assert.equal(get(), abi.V4L2_PRIORITY_RECORD);
  assert.equal(set(other, abi.V4L2_PRIORITY_INTERACTIVE), -EBUSY);
  assert.equal(other.ioctl(abi.VIDIOC_S_INPUT, value.address), -EBUSY);
  assert.equal(other.ioctl(abi.VIDIOC_G_INPUT, value.address), 0);
  assert.equal(file.ioctl(abi.VIDIOC_S_INPUT, value.address), 0);
  assert.equal(set(file, 4), -EINVAL);
  assert.equal(set(file, abi.V4L2_PRIORITY_BACKGROUND), 0);
  assert.equal(get(), abi.V4L2_PRIORITY_INTERACTIVE);
  assert.equal(file.ioctl(abi.VIDIOC_S_INPUT, value.address), -EBUSY);
  other.close();
  assert.equal(file.ioctl(abi.VIDIOC_S_INPUT, value.address), 0);
});
