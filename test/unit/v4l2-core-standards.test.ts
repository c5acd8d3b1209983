/** Analog standards and the log: what the core answers from what the driver says its input has. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL, ENODATA, ENOTTY } from '../../src/base/errno.ts';
import { onLog, prInfo } from '../../src/base/log.ts';
import { deviceWith } from '../support/device-with.ts';
import '../support/driver-bugs.ts';

/** An input that remembers what is set. */
function television(tvnorms: number) {
  const input = { std: 0 };
  const device = deviceWith({
    vidioc_g_fmt_vid_cap: () => {},
    vidioc_s_std(_file, _fh, id) {
      input.std = id;
    },
    vidioc_g_std(_file, _fh, id) {
      id.value = input.std;
    },
    vidioc_querystd(_file, _fh, id) {
      id.value &= abi.V4L2_STD_625_50;
    },
  });
  device.vdev.tvnorms = tvnorms;
  const standard = device.program.make(abi.v4l2_standard);
  const id = device.program.make(abi.struct('v4l2_std_id', { value: abi.v4l2_std_id }));
  const enumerate = (index: number) => {
    standard.index = index;
    return device.file.ioctl(abi.VIDIOC_ENUMSTD, standard);
  };
  return { ...device, input, standard, id, enumerate };
}

describe('VIDIOC_ENUMSTD', () => {
  it('lists the families and members that the input has as a whole, as the kernel names them', () => {
    const { enumerate, standard } = television(abi.V4L2_STD_ALL);
    const names: string[] = [];
    while (enumerate(names.length) === 0) {
      const { name, id, framelines, frameperiod } = standard;
      names.push(name);
      assert.equal(framelines, id & abi.V4L2_STD_525_60 ? 525 : 625);
      assert.equal(frameperiod.denominator, id & abi.V4L2_STD_525_60 ? 30000 : 25);
    }
    const ntsc = 'NTSC NTSC-M NTSC-M-JP NTSC-M-KR NTSC-443';
    const pal = 'PAL PAL-BG PAL-H PAL-I PAL-DK PAL-M PAL-N PAL-Nc PAL-60';
    const secam = 'SECAM SECAM-B SECAM-G SECAM-H SECAM-DK SECAM-L SECAM-Lc';
    assert.equal(names.join(' '), `${ntsc} ${pal} ${secam}`);
    assert.equal(enumerate(0xffffffff), -EINVAL);
  });

  it('leaves out a family of which a member is missing', () => {
    const { enumerate, standard } = television(abi.V4L2_STD_525_60 & ~abi.V4L2_STD_NTSC_M_JP);
    enumerate(0);
    assert.equal(standard.name, 'NTSC-M');
  });

  it('answers ENODATA for an input without, ENOTTY for a device that cannot set any', () => {
    assert.equal(television(0).enumerate(0), -ENODATA);
    const { program, file } = deviceWith({});
    assert.equal(file.ioctl(abi.VIDIOC_ENUMSTD, program.make(abi.v4l2_standard)), -ENOTTY);
  });
});

describe('VIDIOC_S_STD', () => {
  it('asks the driver for what the input has of it, and refuses what it has nothing of', () => {
    const { file, id, input } = television(abi.V4L2_STD_525_60);
    id.value = abi.V4L2_STD_NTSC_M | abi.V4L2_STD_PAL_B;
    file.do(abi.VIDIOC_S_STD, id);
    assert.equal(input.std, abi.V4L2_STD_NTSC_M);
    for (const value of [abi.V4L2_STD_PAL_B, 0, 2 ** 40]) {
      id.value = value;
      assert.equal(file.ioctl(abi.VIDIOC_S_STD, id), -EINVAL);
    }
  });
});

describe('VIDIOC_QUERYSTD and VIDIOC_G_PARM', () => {
  it('begin with all that the input has', () => {
    const { file, id } = television(abi.V4L2_STD_ALL);
    file.do(abi.VIDIOC_QUERYSTD, id);
    assert.equal(id.value, abi.V4L2_STD_625_50);
  });

  it('say the frame period of the standard where the driver says nothing', () => {
    const { file, program, input } = television(abi.V4L2_STD_ALL);
    const parm = program.make(abi.v4l2_streamparm);
    parm.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (const [std, period] of [
      [abi.V4L2_STD_NTSC_M, '1001/30000'],
      [abi.V4L2_STD_PAL_BG, '1/25'],
    ] as const) {
      input.std = std;
      file.do(abi.VIDIOC_G_PARM, parm);
      const { numerator, denominator } = parm.parm.capture.timeperframe;
      assert.equal(`${numerator}/${denominator}`, period);
    }
  });
});

describe('VIDIOC_LOG_STATUS', () => {
  it('puts what the driver says between two lines of the log', () => {
    const { file } = deviceWith({
      vidioc_log_status: (_file, fh) => prInfo(`${fh.vdev.label}: all is well`),
    });
    const lines: string[] = [];
    const before = onLog((line) => lines.push(line));
    try {
      file.do(abi.VIDIOC_LOG_STATUS);
    } finally {
      onLog(before);
    }
    assert.equal(lines.length, 3);
    assert.match(lines[0]!, /^test: =+ {2}START STATUS {2}=+$/);
    assert.equal(lines[1], 'test: all is well');
    assert.match(lines[2]!, /^test: =+ {2}END STATUS {2}=+$/);
  });
});
