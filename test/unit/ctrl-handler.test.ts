/** Handlers: what can be added, what programs find, what is inherited. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EACCES, EINVAL, EIO, ERANGE, Errno, errnoName } from '../../src/base/errno.ts';
import { stdCtrls, type V4l2CtrlHandler } from '../../src/v4l2-core/index.ts';
import { CtrlWorld, OWN } from '../support/ctrl-fixture.ts';
import { bugsIn } from '../support/driver-bugs.ts';

describe('V4l2CtrlHandler', () => {
  it('makes the class of a control by itself, once', () => {
    const world = new CtrlWorld();
    world.hdl.newStd(world.ops, abi.V4L2_CID_HUE, -128, 127, 1, 0);
    world.hdl.newStd(world.ops, abi.V4L2_CID_BRIGHTNESS, 0, 255, 1, 127);
    world.hdl.newStdMenu(world.ops, abi.V4L2_CID_EXPOSURE_AUTO, 1, 0, 0);
    assert.deepEqual(world.open().ids(), [
      abi.V4L2_CID_USER_CLASS,
      abi.V4L2_CID_BRIGHTNESS,
      abi.V4L2_CID_HUE,
      abi.V4L2_CID_CAMERA_CLASS,
      abi.V4L2_CID_EXPOSURE_AUTO,
    ]);
  });

  it('keeps the first error, adds nothing from then on, and says what to mend', () => {
    const { hdl, ops } = new CtrlWorld();
    hdl.newStd(ops, abi.V4L2_CID_BRIGHTNESS, 0, 255, 0, 127);
    hdl.newStd(ops, abi.V4L2_CID_CONTRAST, 0, 255, 1, 127);
    assert.equal(hdl.error?.code, ERANGE);
    assert.match(`${hdl.error}`, /"Brightness" \(0x980900\) cannot be added: its step is 0, the least is 1/);
    assert.equal(hdl.controls.length, 0);
    assert.throws(() => hdl.setup(), hdl.error);
  });

  const { ops } = new CtrlWorld();
  const string = { id: OWN, name: 'Text', type: abi.V4L2_CTRL_TYPE_STRING };
  const menu = { id: OWN, name: 'Menu', type: abi.V4L2_CTRL_TYPE_MENU };
  const bytes = { id: OWN, name: 'Bytes', type: abi.V4L2_CTRL_TYPE_U8, max: 9, step: 1 };
  const wrong: readonly [string, number, (hdl: V4l2CtrlHandler<CtrlWorld>) => void][] = [
    ['a menu made with newStd', EINVAL, (hdl) => hdl.newStd(ops, abi.V4L2_CID_COLORFX, 0, 9, 1, 0)],
    ['an id that is no standard one', ERANGE, (hdl) => hdl.newStd(ops, OWN, 0, 9, 1, 0)],
    [
      'standard items of a menu without',
      EINVAL,
      (hdl) => hdl.newStdMenu(ops, abi.V4L2_CID_TEST_PATTERN, 1, 0, 0),
    ],
    [
      'items for a menu with standard ones',
      EINVAL,
      (hdl) => hdl.newStdMenuItems(ops, abi.V4L2_CID_COLORFX, 0, 0, 0, ['x']),
    ],
    ['numbers for a menu of words', EINVAL, (hdl) => hdl.newIntMenu(ops, abi.V4L2_CID_COLORFX, 0, 0, [1])],
    ['a default that is left out', EINVAL, (hdl) => hdl.newStdMenu(ops, abi.V4L2_CID_COLORFX, 3, 0b10, 1)],
    ['fewer items than the maximum', ERANGE, (hdl) => hdl.newCustom({ ...menu, max: 2, qmenu: ['a', 'b'] })],
    ['a string with a default', ERANGE, (hdl) => hdl.newCustom({ ...string, max: 4, step: 1, def: 1 })],
    ['a type that is not known', ERANGE, (hdl) => hdl.newCustom({ id: OWN, name: 'X', type: 0x300 })],
    [
      'a dynamic array of two dimensions',
      EINVAL,
      (hdl) => hdl.newCustom({ ...bytes, dims: [2, 2], flags: abi.V4L2_CTRL_FLAG_DYNAMIC_ARRAY }),
    ],
    ['a class of which nobody knows the name', ERANGE, (hdl) => hdl.newCustom({ ...bytes, id: 0x00f0f001 })],
    [
      'a compound control made as a plain one',
      EINVAL,
      (hdl) => hdl.newStd(ops, abi.V4L2_CID_UNIT_CELL_SIZE, 0, 1, 1, 0),
    ],
  ];
  for (const [what, code, add] of wrong)
    it(`answers ${errnoName(code)} to ${what}`, () => {
      const { hdl } = new CtrlWorld();
      add(hdl);
      assert.equal(hdl.error?.code, code, `${hdl.error}`);
    });

  it('knows every standard control by a name that fits, and its menu by its items', () => {
    const seen = new Set<number>();
    for (const { id, name, qmenu = [] } of stdCtrls) {
      for (const text of [name, ...qmenu]) assert.ok(text.length > 0 && text.length < 32, text);
      assert.ok(!seen.has(id), name);
      seen.add(id);
    }
    assert.ok(stdCtrls.length > 300);
  });

  it('shows what it inherits: not classes twice, nothing private, nothing that the filter keeps back', () => {
    const sensor = new CtrlWorld();
    sensor.hdl.newStd(sensor.ops, abi.V4L2_CID_GAIN, 0, 9, 1, 3);
    sensor.hdl.newStd(sensor.ops, abi.V4L2_CID_EXPOSURE, 0, 9, 1, 3);
    sensor.hdl.newCustom({
      ops: sensor.ops,
      id: OWN,
      name: 'Secret',
      type: 1,
      max: 1,
      step: 1,
      isPrivate: true,
    });
    const camera = new CtrlWorld();
    const own = camera.integer(1);
    camera.hdl.addHandler(sensor.hdl, ({ id }) => id !== abi.V4L2_CID_EXPOSURE);
    const client = camera.open();
    assert.deepEqual(client.ids(), [abi.V4L2_CID_USER_CLASS, abi.V4L2_CID_GAIN, own.id]);
    assert.equal(client.set({ id: abi.V4L2_CID_GAIN }, 20), 9);
    assert.deepEqual([camera.calls, sensor.calls], [[], ['try 0x980913 9', 's 0x980913 9']]);
  });

  it('sets up each of its own once: not buttons, not what is read-only, clusters by their master', () => {
    const world = new CtrlWorld();
    world.integer(1);
    world.hdl.newStd(world.ops, abi.V4L2_CID_PAN_RESET, 0, 0, 0, 0);
    world.integer(2, { flags: abi.V4L2_CTRL_FLAG_READ_ONLY });
    world.hdl.setup();
    assert.deepEqual(world.calls, ['s 0x981901 5']);
  });

  it('says what all controls are, but for classes, buttons and what cannot be read', () => {
    const world = new CtrlWorld();
    world.integer(1, { flags: abi.V4L2_CTRL_FLAG_INACTIVE });
    world.hdl.newStdMenu(world.ops, abi.V4L2_CID_POWER_LINE_FREQUENCY, 3, 0, 2);
    world.integer(2, { flags: abi.V4L2_CTRL_FLAG_WRITE_ONLY });
    const lines: string[] = [];
    world.hdl.logStatus('cam', (line) => lines.push(line));
    assert.deepEqual(lines, ['cam: Own 1: 5 inactive', 'cam: Power Line Frequency: 60 Hz']);
  });

  it('is gone when it was freed', () => {
    const world = new CtrlWorld();
    world.integer(1);
    const client = world.open();
    world.hdl.free();
    assert.deepEqual(client.ids(), []);
  });
});

describe('ops of a driver', () => {
  it('that throw an Errno answer the program with it, and leave the value', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const client = world.open();
    for (const failing of ['try', 's']) {
      world.onOp = (op) => {
        if (op === failing) throw new Errno(EACCES, 'as it was told');
      };
      assert.deepEqual(client.set(ctrl, 7), { errno: EACCES });
      assert.equal(client.get(ctrl), 5);
    }
  });

  it('that throw anything else are reported, and the program is told EIO', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const client = world.open();
    world.onOp = () => {
      throw new TypeError('a mistake');
    };
    const bugs = bugsIn(() => assert.deepEqual(client.set(ctrl, 7), { errno: EIO }));
    assert.match(
      bugs.join('\n'),
      /tryCtrl of the control "Own 1" threw what is not an Errno: TypeError: a mistake/,
    );
  });

  it('are not needed', () => {
    const world = new CtrlWorld();
    const ctrl = world.hdl.newCustom({ id: OWN, name: 'Mere memory', type: 1, max: 9, step: 1 });
    const client = world.open();
    assert.equal(client.set(ctrl, 4), 4);
    assert.equal(client.get(ctrl), 4);
  });
});
