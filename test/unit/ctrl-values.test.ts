/** Values of each type: where they land, and what becomes of payloads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EFAULT, EINVAL, ENOSPC, ERANGE } from '../../src/base/errno.ts';
import {
  v4l2CtrlActivate,
  v4l2CtrlGCtrl,
  v4l2CtrlGrab,
  v4l2CtrlModifyDimensions,
  v4l2CtrlModifyRange,
  v4l2CtrlSCtrl,
  v4l2CtrlSCtrlCompound,
  v4l2CtrlSCtrlInt64,
  v4l2CtrlSCtrlString,
  v4l2CtrlTypeOps,
} from '../../src/v4l2-core/index.ts';
import { CtrlWorld, OWN } from '../support/ctrl-fixture.ts';

const { VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_TRY_EXT_CTRLS } = abi;
const encoder = new TextEncoder();

describe('a plain value', () => {
  it('lands on the nearest step within the range', () => {
    const world = new CtrlWorld();
    const type = abi.V4L2_CTRL_TYPE_INTEGER;
    const ctrl = world.hdl.newCustom({ id: OWN, name: 'Steps', type, min: -10, max: 13, step: 5, def: -10 });
    const client = world.open();
    const landed = [-2147483648, -8, -7, 12, 13, 2147483647].map((value) => client.set(ctrl, value));
    assert.deepEqual(landed, [-10, -10, -5, 10, 10, 10]);
  });

  it('covers all 32 bits', () => {
    const world = new CtrlWorld();
    const limits = { min: -2147483648, max: 2147483647, step: 1, def: 0 };
    const ctrl = world.hdl.newCustom({ id: OWN, name: 'Whole', type: abi.V4L2_CTRL_TYPE_INTEGER, ...limits });
    const client = world.open();
    for (const value of [-2147483648, 2147483647, -1]) assert.equal(client.set(ctrl, value), value);
  });

  it('of a menu is an item that is there', () => {
    const world = new CtrlWorld();
    const items = { max: 3, menuSkipMask: 0b0100, def: 1, qmenu: ['a', '', 'c', 'd'] };
    const ctrl = world.hdl.newCustom({ id: OWN, name: 'Menu', type: abi.V4L2_CTRL_TYPE_MENU, ...items });
    const client = world.open();
    const got = [-1, 0, 1, 2, 3, 4].map((item) => client.set(ctrl, item));
    const [out, left] = [{ errno: ERANGE }, { errno: EINVAL }];
    assert.deepEqual(got, [out, 0, left, left, 3, out]);
  });

  it('of a menu of 64 items is looked for in the upper half of the mask too', () => {
    const world = new CtrlWorld();
    const qmenuInt = Array.from({ length: 64 }, (_, i) => i * 10);
    const items = { max: 63, menuSkipMask: 1n << 40n, def: 0, qmenuInt };
    const ctrl = world.hdl.newCustom({
      id: OWN,
      name: 'Numbers',
      type: abi.V4L2_CTRL_TYPE_INTEGER_MENU,
      ...items,
    });
    const client = world.open();
    assert.deepEqual(
      [client.set(ctrl, 40), client.set(ctrl, 8), client.set(ctrl, 63)],
      [{ errno: EINVAL }, 8, 63],
    );
  });

  it('of a boolean is 0 or 1, of a bitmask one of its bits, of a button nothing', () => {
    const world = new CtrlWorld();
    const flip = world.hdl.newStd(world.ops, abi.V4L2_CID_HFLIP, 0, 1, 1, 0);
    const bits = world.hdl.newStd(world.ops, abi.V4L2_CID_JPEG_ACTIVE_MARKER, 0, 0x3, 0, 0x1);
    const button = world.hdl.newStd(world.ops, abi.V4L2_CID_DO_WHITE_BALANCE, 0, 0, 0, 0);
    const client = world.open();
    assert.deepEqual([client.set(flip, -7), client.set(bits, 6), client.set(button, 9)], [1, 2, 0]);
    world.calls.length = 0;
    client.set(button, 9);
    assert.deepEqual(world.calls, ['try 0x98090d 0', 's 0x98090d 0']);
  });

  it('stays while the control is grabbed, and can be set while it is inactive', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const client = world.open();
    v4l2CtrlGrab(ctrl, true);
    assert.deepEqual(client.set(ctrl, 9), { errno: EBUSY });
    v4l2CtrlGrab(ctrl, false);
    v4l2CtrlActivate(ctrl, false);
    assert.equal(client.set(ctrl, 9), 9);
    assert.equal(client.query(ctrl.id)?.flags, abi.V4L2_CTRL_FLAG_INACTIVE);
  });

  it('is asked of the driver each time when it is volatile', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1, { flags: abi.V4L2_CTRL_FLAG_VOLATILE });
    let reading = 40;
    world.onOp = (op, { pNew }) => {
      if (op === 'g') pNew.val = reading++;
    };
    const client = world.open();
    assert.deepEqual([client.get(ctrl), client.get(ctrl), v4l2CtrlGCtrl(ctrl)], [40, 41, 42]);
    assert.equal(client.set(ctrl, 9), 5, 'what was there before it was volatile');
  });

  it('moves into a range that changes, and the driver is told', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const client = world.open();
    client.set(ctrl, 90);
    v4l2CtrlModifyRange(ctrl, 0, 60, 7, 30);
    assert.deepEqual([client.get(ctrl), world.calls.at(-1)], [56, 's 0x981901 56']);
    assert.throws(() => v4l2CtrlModifyRange(ctrl, 9, 5, 1, 7), { code: ERANGE });
  });

  it('of 64 bits has a range that changes too, said in numbers or bigints', () => {
    const world = new CtrlWorld();
    const type = abi.V4L2_CTRL_TYPE_INTEGER64;
    const ctrl = world.hdl.newCustom({ id: OWN, name: 'Wide', type, min: 0, max: 100, step: 1, def: 5 });
    const client = world.open();
    client.subscribe(ctrl);
    v4l2CtrlModifyRange(ctrl, 0n, 100n, 1n, 5n);
    assert.equal(client.event(), undefined, 'the same range');
    v4l2CtrlModifyRange(ctrl, 10, 2n ** 40n, 1, 10);
    assert.deepEqual([ctrl.cur.val64, client.query(OWN)?.maximum], [10n, 2n ** 40n]);
  });

  it('of a menu that loses its item becomes the default', () => {
    const world = new CtrlWorld();
    const ctrl = world.hdl.newStdMenu(world.ops, abi.V4L2_CID_COLORFX, 9, 0, 9);
    v4l2CtrlModifyRange(ctrl, 0, 3, 0b10, 2);
    assert.equal(world.open().get(ctrl), 2);
  });

  it('is set by the driver as a program would', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    v4l2CtrlSCtrl(ctrl, 400);
    assert.deepEqual(world.calls, ['try 0x981901 100', 's 0x981901 100']);
    assert.equal(world.open().get(ctrl), 100);
  });
});

describe('a text', () => {
  const text = { id: OWN, name: 'Text', type: abi.V4L2_CTRL_TYPE_STRING, min: 2, max: 6, step: 2 };

  it('has a length on a step, and begins as blanks', () => {
    const world = new CtrlWorld();
    const ctrl = world.hdl.newCustom(text);
    const client = world.open();
    const set = (value: string) =>
      client.ext(VIDIOC_S_EXT_CTRLS, [{ id: OWN, payload: encoder.encode(`${value}\0`) }]).result;
    assert.equal(ctrl.cur.string, '  ');
    assert.deepEqual(['', 'abc', 'abcd', 'abcdefgh'].map(set), [-ERANGE, -ERANGE, 0, -ERANGE]);
    assert.equal(ctrl.cur.string, 'abcd');
    v4l2CtrlSCtrlString(ctrl, 'longer than that');
    assert.equal(ctrl.cur.string, 'longer');
  });

  it('tells who has too little room how much it takes', () => {
    const world = new CtrlWorld();
    world.hdl.newCustom(text);
    const { result, errorIdx, views } = world
      .open()
      .ext(VIDIOC_G_EXT_CTRLS, [{ id: OWN, payload: new Uint8Array(2) }]);
    assert.deepEqual([result, errorIdx, views[0]?.view.size], [-ENOSPC, 0, 7]);
  });
});

describe('an array', () => {
  const words = { id: OWN, name: 'Words', type: abi.V4L2_CTRL_TYPE_U16, min: 3, max: 100, step: 7, def: 10 };

  it('is clamped element by element', () => {
    const world = new CtrlWorld();
    world.hdl.newCustom({ ...words, dims: [2, 2] });
    const payload = new Uint8Array(Uint16Array.of(0, 50, 65535, 11).buffer);
    const { views } = world.open().ext(VIDIOC_TRY_EXT_CTRLS, [{ id: OWN, payload }]);
    assert.deepEqual([...new Uint16Array(views[0]!.bytes.slice().buffer)], [3, 52, 94, 10]);
  });

  it('that is too short is ENOSPC to read and EFAULT to set', () => {
    const world = new CtrlWorld();
    world.hdl.newCustom({ ...words, dims: [4] });
    const client = world.open();
    const entry = { id: OWN, payload: new Uint8Array(7) };
    assert.equal(client.ext(VIDIOC_G_EXT_CTRLS, [entry]).result, -ENOSPC);
    assert.equal(client.ext(VIDIOC_S_EXT_CTRLS, [entry]).result, -EFAULT);
  });

  it('that is dynamic has as many elements as were set last', () => {
    const world = new CtrlWorld();
    const flags = abi.V4L2_CTRL_FLAG_DYNAMIC_ARRAY;
    const ctrl = world.hdl.newCustom({ ...words, dims: [4], flags });
    const client = world.open();
    const set = (bytes: number) =>
      client.ext(VIDIOC_S_EXT_CTRLS, [{ id: OWN, payload: new Uint8Array(bytes) }]).result;
    assert.deepEqual([ctrl.elems, set(6), ctrl.elems, set(10), ctrl.elems], [1, 0, 3, -ENOSPC, 3]);
    assert.equal(client.query(OWN)?.elems, 3);
  });

  it('has other dimensions, and its defaults, when the driver says so', () => {
    const world = new CtrlWorld();
    const ctrl = world.hdl.newCustom({ ...words, dims: [2, 2] });
    const client = world.open();
    v4l2CtrlSCtrlCompound(ctrl, new Uint8Array(Uint16Array.of(17, 17, 17, 17).buffer));
    v4l2CtrlModifyDimensions(ctrl, [1, 3]);
    assert.deepEqual([...ctrl.cur.u16.slice(0, 3)], [10, 10, 10]);
    const query = client.query(OWN)!;
    assert.deepEqual([query.elems, query.dims.get(0), query.dims.get(1)], [3, 1, 3]);
  });
});

describe('other types', () => {
  it('of 64 bits keep every bit, and are refused by S_CTRL', () => {
    const world = new CtrlWorld();
    const limits = { min: -(2n ** 63n), max: 2n ** 63n - 1n, step: 1, def: 0 };
    const ctrl = world.hdl.newCustom({
      id: OWN,
      name: 'Wide',
      type: abi.V4L2_CTRL_TYPE_INTEGER64,
      ...limits,
    });
    const client = world.open();
    v4l2CtrlSCtrlInt64(ctrl, 2n ** 63n - 1n);
    const { views } = client.ext(VIDIOC_G_EXT_CTRLS, [{ id: OWN }]);
    assert.equal(views[0]?.view.value64, 2n ** 63n - 1n);
    assert.deepEqual(client.set(ctrl, 1), { errno: EINVAL });
  });

  it('AREA has no empty side, and the default that the driver gave', () => {
    const world = new CtrlWorld();
    const pDef = new Uint8Array(Uint32Array.of(640, 480).buffer);
    const ctrl = world.hdl.newCustom({ id: OWN, name: 'Area', type: abi.V4L2_CTRL_TYPE_AREA, pDef });
    const empty = new Uint8Array(Uint32Array.of(640, 0).buffer);
    assert.equal(world.open().ext(VIDIOC_S_EXT_CTRLS, [{ id: OWN, payload: empty }]).result, -EINVAL);
    assert.equal(ctrl.cur.as(abi.v4l2_area).height, 480);
  });

  it('RECT tells its limits to who asks, if it has any; an integer does not', () => {
    const world = new CtrlWorld();
    const rect = (width: number) => new Uint8Array(Int32Array.of(0, 0, width, 8).buffer);
    const limits = { pDef: rect(8), pMin: rect(1), pMax: rect(64) };
    world.hdl.newCustom({ id: OWN, name: 'Rect', type: abi.V4L2_CTRL_TYPE_RECT, ...limits });
    const plain = world.integer(1);
    const client = world.open();
    const asked = client.ext(
      VIDIOC_G_EXT_CTRLS,
      [{ id: OWN, payload: new Uint8Array(16) }],
      abi.V4L2_CTRL_WHICH_MAX_VAL,
    );
    assert.deepEqual([asked.result, asked.views[0]?.bytes], [0, limits.pMax]);
    assert.equal(client.ext(VIDIOC_G_EXT_CTRLS, [plain], abi.V4L2_CTRL_WHICH_MAX_VAL).result, -EINVAL);
  });

  it('HDR10 mastering displays keep within the bounds of the standards', () => {
    const world = new CtrlWorld();
    world.hdl.newStdCompound(world.ops, abi.V4L2_CID_COLORIMETRY_HDR10_MASTERING_DISPLAY);
    const payload = new Uint8Array(abi.v4l2_ctrl_hdr10_mastering_display.size);
    const id = abi.V4L2_CID_COLORIMETRY_HDR10_MASTERING_DISPLAY;
    assert.equal(world.open().ext(VIDIOC_S_EXT_CTRLS, [{ id, payload }]).result, -EINVAL);
  });

  it('that only the driver knows are checked by it', () => {
    const world = new CtrlWorld();
    const typeOps = {
      ...v4l2CtrlTypeOps,
      validate(_ctrl: unknown, payload: { val: number }) {
        payload.val = 1;
      },
    };
    world.hdl.newCustom({ id: OWN, name: 'Own type', type: 0x300, elemSize: 4, typeOps });
    const { views } = world.open().ext(VIDIOC_TRY_EXT_CTRLS, [{ id: OWN, payload: new Uint8Array(4) }]);
    assert.deepEqual([...views[0]!.bytes], [1, 0, 0, 0]);
  });
});
