import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { onLog } from '../../src/base/log.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { formatsNamed } from '../../src/pixel/index.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { adjust, createBars, NO_ADJUSTMENT, PlanePainter, recolored, viviBars } from '../../src/tpg/index.ts';
import { VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import '../support/driver-bugs.ts';

const VIVI_CID = abi.V4L2_CID_USER_BASE | 0xf000;
const FRAME_NS = 40_000_000;
const SIZE = { width: 160, height: 120 };

function camera(settings = '') {
  const clock = new VirtualClock(0);
  const spec = parseCamera(`vivi,size=${SIZE.width}x${SIZE.height},fps=25${settings}`);
  const vdev = createCamera(spec, { clock, pages: heapPages, instance: 0 });
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program();
  const file = program.open(vdev);
  const ctrl = program.make(abi.v4l2_control);
  const call = (cmd: number, id: number, value: number) => {
    ctrl.id = id;
    ctrl.value = value;
    const result = file.ioctl(cmd, ctrl);
    return result < 0 ? result : ctrl.value;
  };
  return {
    clock,
    program,
    file,
    set: (id: number, value: number) => call(abi.VIDIOC_S_CTRL, id, value),
    get: (id: number) => call(abi.VIDIOC_G_CTRL, id, 0),
  };
}

test('VIDIOC_QUERY_EXT_CTRL tells of all controls of vivi, their ranges and defaults', () => {
  const { program, file } = camera();
  const query = program.make(abi.v4l2_query_ext_ctrl);
  const found: string[] = [];
  for (;;) {
    query.id = (query.id | abi.V4L2_CTRL_FLAG_NEXT_CTRL) >>> 0;
    if (file.ioctl(abi.VIDIOC_QUERY_EXT_CTRL, query) < 0) break;
    const { id, name, type, minimum, maximum, step, default_value, flags } = query;
    const numbers = [minimum, maximum, step, default_value].join(' ');
    found.push(`${id.toString(16)} ${name}: ${type} ${numbers} ${flags.toString(16)}`);
  }
  const int64 = '-9223372036854775808 9223372036854775807';
  assert.deepEqual(found, [
    '980001 User Controls: 6 0 0 0 0 44',
    '980900 Brightness: 1 0 255 1 127 20',
    '980901 Contrast: 1 0 255 1 16 20',
    '980902 Saturation: 1 0 255 1 127 20',
    '980903 Hue: 1 -128 127 1 0 20',
    '980905 Volume: 1 0 255 1 200 20',
    '980912 Gain, Automatic: 2 0 1 1 1 8',
    '980913 Gain: 1 0 255 1 100 90',
    '980929 Alpha Component: 1 0 255 1 0 0',
    '98f900 Button: 4 0 0 0 0 240',
    '98f901 Boolean: 2 0 1 1 1 0',
    '98f902 Integer 32 Bits: 1 -2147483648 2147483647 1 0 0',
    `98f903 Integer 64 Bits: 5 ${int64} 1 0 0`,
    '98f904 Menu: 3 1 4 1 3 0',
    '98f905 String: 7 2 4 1 0 100',
    '98f906 Bitmask: 8 0 2151686160 0 2147491840 0',
    '98f907 Integer menu: 9 1 8 1 4 0',
  ]);
});

test('the menus leave out what is skipped', () => {
  const { program, file } = camera();
  const menu = program.make(abi.v4l2_querymenu);
  const items = (id: number) =>
    Array.from({ length: 10 }, (_, index) => {
      menu.id = id;
      menu.index = index;
      if (file.ioctl(abi.VIDIOC_QUERYMENU, menu) < 0) return '';
      return id === VIVI_CID + 4 ? menu.name : String(menu.value);
    });
  assert.deepEqual(items(VIVI_CID + 4), [
    '',
    'Menu Item 1',
    '',
    'Menu Item 3',
    'Menu Item 4',
    '',
    '',
    '',
    '',
    '',
  ]);
  assert.deepEqual(items(VIVI_CID + 7), ['', '', '2', '3', '5', '8', '13', '21', '42', '']);
});

test('the gain is a clock while it is automatic, and stays as it was when it turns manual', () => {
  const { clock, get, set } = camera();
  clock.advance(420_000_000);
  assert.equal(get(abi.V4L2_CID_GAIN), 42);
  clock.advance(10_000_000);
  assert.equal(get(abi.V4L2_CID_GAIN), 43);
  set(abi.V4L2_CID_AUTOGAIN, 0);
  clock.advance(10_000_000);
  assert.equal(get(abi.V4L2_CID_GAIN), 43);
  set(abi.V4L2_CID_GAIN, 7);
  assert.equal(get(abi.V4L2_CID_GAIN), 7);
  set(abi.V4L2_CID_AUTOGAIN, 1);
  assert.equal(get(abi.V4L2_CID_GAIN), 44);
});

/** The last row of a frame of the bars, in RGB24. */
function row(part: Partial<typeof NO_ADJUSTMENT>, scroll: number): Uint8Array {
  const plane = formatsNamed('RGB24')[0].memory[0]?.[0];
  const pattern = recolored(viviBars[0]!, (color) => adjust(color, { ...NO_ADJUSTMENT, ...part }));
  const bytes = new Uint8Array(SIZE.width * 3);
  new PlanePainter(plane!, { width: SIZE.width, height: 1 }).paint(bytes, 0, pattern, scroll, 0);
  return bytes;
}

for (const [name, id, value] of [
  ['brightness', abi.V4L2_CID_BRIGHTNESS, 200],
  ['contrast', abi.V4L2_CID_CONTRAST, 9],
  ['saturation', abi.V4L2_CID_SATURATION, 255],
  ['hue', abi.V4L2_CID_HUE, -77],
] as const)
  test(`VIDIOC_S_CTRL of ${name} is seen from the next frame on`, () => {
    const { clock, program, file, set } = camera(',format=RGB24');
    const capture = new Capture(program, file);
    capture.streamon();
    const lastRow = () => {
      capture.dqbuf();
      return capture.frame.slice(-SIZE.width * 3);
    };
    clock.advance(0);
    set(id, value);
    clock.advance(FRAME_NS);
    assert.deepEqual(lastRow(), row({}, 0));
    assert.deepEqual(lastRow(), row({ [name]: value }, 2));
  });

test('VIDIOC_S_CTRL of a control that is only told of changes no bar', () => {
  const { clock, program, file, set } = camera();
  for (const [id, value] of [
    [abi.V4L2_CID_AUDIO_VOLUME, 0],
    [abi.V4L2_CID_AUTOGAIN, 0],
    [abi.V4L2_CID_GAIN, 3],
    [VIVI_CID, 1],
    [VIVI_CID + 1, 0],
    [VIVI_CID + 2, -5],
    [VIVI_CID + 4, 1],
    [VIVI_CID + 6, 0x10],
    [VIVI_CID + 7, 8],
  ] as const)
    assert.ok(set(id, value) >= -5, id.toString(16));
  const capture = new Capture(program, file);
  capture.streamon();
  clock.advance(0);
  capture.dqbuf();
  const bars = new Uint8Array(SIZE.width * 2);
  const shape = { fourcc: abi.V4L2_PIX_FMT_YUYV, width: SIZE.width, height: 1, bytesperline: bars.length };
  createBars(shape).paint(bars, 0, 0);
  assert.deepEqual(capture.frame.slice(-bars.length), bars);
});

test('VIDIOC_LOG_STATUS tells what all controls are', () => {
  const lines: string[] = [];
  const before = onLog((line) => lines.push(line));
  try {
    camera().file.do(abi.VIDIOC_LOG_STATUS);
  } finally {
    onLog(before);
  }
  assert.equal(lines.length, 2 + 15);
  assert.ok(lines.includes('vivi-000-vid-cap: Brightness: 127'), lines.join('\n'));
  assert.ok(lines.includes('vivi-000-vid-cap: Menu: Menu Item 3'));
});
