import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV } from '../../src/abi/index.ts';
import {
  _IO,
  _IOC_NONE,
  _IOC_READ,
  _IOC_WRITE,
  _IOR,
  _IOW,
  _IOWR,
  iocDir,
  iocNr,
  iocSize,
  iocType,
} from '../../src/abi/ioctl-number.ts';
import { VIDIOC_DQBUF, VIDIOC_LOG_STATUS, VIDIOC_QUERYCAP, VIDIOC_STREAMON } from '../../src/abi/ioctls.ts';
import { fourcc, fourccBe, fourccToString } from '../../src/abi/pixel/fourcc.ts';
import { formatName } from '../../src/abi/pixel/names.ts';
import { CONSTANTS } from './declared.ts';

describe('ioctl numbers', () => {
  test('have the values that strace and the kernel show', () => {
    assert.equal(VIDIOC_QUERYCAP, 0x80685600);
    assert.equal(VIDIOC_DQBUF, 0xc0585611);
    assert.equal(VIDIOC_STREAMON, 0x40045612);
    assert.equal(VIDIOC_LOG_STATUS, 0x5646);
  });

  test('come apart into what they were made of', () => {
    const made = [
      [_IO('V', 1), _IOC_NONE, 0],
      [_IOR('V', 1, { size: 104 }), _IOC_READ, 104],
      [_IOW('V', 1, { size: 4 }), _IOC_WRITE, 4],
      [_IOWR('V', 1, { size: 0x3fff }), _IOC_READ | _IOC_WRITE, 0x3fff],
    ] as const;
    for (const [cmd, dir, size] of made) {
      assert.deepEqual([iocDir(cmd), iocType(cmd), iocNr(cmd), iocSize(cmd)], [dir, 0x56, 1, size]);
    }
  });

  test('_IOR refuses an argument whose size does not fit', () => {
    assert.throws(() => _IOR('V', 1, { size: 0x4000 }), RangeError);
  });

  test('are all different', () => {
    const numbers = [...CONSTANTS].filter(([name]) => name.startsWith('VIDIOC_')).map(([, value]) => value);
    assert.equal(new Set(numbers).size, numbers.length);
  });
});

describe('fourcc', () => {
  test('puts the first character into the lowest byte', () => {
    assert.equal(fourcc('YUYV'), 0x56595559);
    assert.equal(fourccBe('Y16 '), 0xa0363159);
  });

  test('refuses a name that has not four characters', () => {
    assert.throws(() => fourcc('Y16'), RangeError);
  });

  test('fourccToString is its inverse, and marks big-endian formats', () => {
    assert.equal(fourccToString(V4L2_PIX_FMT_YUYV), 'YUYV');
    assert.equal(fourccToString(fourccBe('Y16 ')), 'Y16 -BE');
    assert.equal(fourccToString(0), '....');
  });
});

describe('formatName', () => {
  test('tells compressed formats from others', () => {
    assert.deepEqual(formatName(V4L2_PIX_FMT_YUYV), { description: 'YUYV 4:2:2', compressed: false });
    assert.deepEqual(formatName(V4L2_PIX_FMT_MJPEG), { description: 'Motion-JPEG', compressed: true });
    assert.equal(formatName(fourcc('????')), undefined);
  });

  test('has a text for every format, short enough for v4l2_fmtdesc', () => {
    const formats = [...CONSTANTS].filter(
      ([name]) => /^V4L2_(PIX|SDR|TCH|META)_FMT_/.test(name) && !/_FLAG_|_PRIV_MAGIC/.test(name),
    );
    assert.ok(formats.length > 250);
    for (const [name, value] of formats) {
      const text = formatName(value as number)?.description;
      assert.ok(text !== undefined && text.length > 0 && text.length < 32, `${name}: ${text}`);
    }
  });
});
