/** Controls that are set together, automatic ones, and who is told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL, Errno } from '../../src/base/errno.ts';
import {
  v4l2CtrlAutoCluster,
  v4l2CtrlCluster,
  v4l2CtrlGrab,
  v4l2CtrlModifyRange,
  v4l2CtrlSCtrl,
} from '../../src/v4l2-core/index.ts';
import { POLLPRI } from '../../src/vfs/file.ts';
import { CtrlWorld } from '../support/ctrl-fixture.ts';
import { bugsIn } from '../support/driver-bugs.ts';

const { VIDIOC_S_EXT_CTRLS, V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK, V4L2_EVENT_SUB_FL_SEND_INITIAL } = abi;
const AUTO = abi.V4L2_CTRL_FLAG_INACTIVE | abi.V4L2_CTRL_FLAG_VOLATILE;
const [VALUE, FLAGS, RANGE] = [1, 2, 4];

/** Autogain, which is on, and the gain that it finds out by itself: 41, 42, … */
function automatic() {
  const world = new CtrlWorld();
  const autogain = world.hdl.newStd(world.ops, abi.V4L2_CID_AUTOGAIN, 0, 1, 1, 1);
  const gain = world.hdl.newStd(world.ops, abi.V4L2_CID_GAIN, 0, 255, 1, 100);
  v4l2CtrlAutoCluster([autogain, gain], 0, true);
  let found = 40;
  world.onOp = (op) => {
    if (op === 'g') gain.val = ++found;
  };
  return { world, autogain, gain, client: world.open() };
}

describe('a cluster', () => {
  it('is set by one call of the driver, with those as they were that the program leaves alone', () => {
    const world = new CtrlWorld();
    const [a, b, c] = [world.integer(1), world.integer(2), world.integer(3)];
    v4l2CtrlCluster([a, b, c]);
    const seen: unknown[] = [];
    world.onOp = (op) => seen.push([op, ...[a, b, c].map(({ val, isNew }) => (isNew ? `new ${val}` : val))]);
    const entries = [
      { id: c.id, value: 7 },
      { id: a.id, value: 200 },
    ];
    const { result, errorIdx, views } = world.open().ext(VIDIOC_S_EXT_CTRLS, entries);
    assert.deepEqual([result, errorIdx], [0, 0]);
    assert.deepEqual(seen, [
      ['try', 'new 100', 5, 'new 7'],
      ['s', 'new 100', 5, 'new 7'],
    ]);
    assert.deepEqual(
      views.map(({ view }) => view.value),
      [7, 100],
    );
  });

  it('before one that fails stays set', () => {
    const world = new CtrlWorld();
    const [a, b] = [world.integer(1), world.integer(2)];
    world.onOp = (op, { id }) => {
      if (op === 's' && id === b.id) throw new Errno(EINVAL, 'as it was told');
    };
    const client = world.open();
    const entries = [
      { id: a.id, value: 7 },
      { id: b.id, value: 8 },
    ];
    const { result, errorIdx } = client.ext(VIDIOC_S_EXT_CTRLS, entries);
    assert.deepEqual([result, errorIdx, client.get(a), client.get(b)], [-EINVAL, 1, 7, 5]);
  });
});

describe('an automatic cluster', () => {
  it('is inactive and volatile while it is automatic', () => {
    const { client, autogain, gain } = automatic();
    assert.equal(client.query(gain.id)?.flags, AUTO);
    assert.equal(client.query(autogain.id)?.flags, abi.V4L2_CTRL_FLAG_UPDATE);
    assert.deepEqual([client.get(gain), client.get(gain)], [41, 42]);
    assert.equal(client.set(gain, 7), 100, 'not set: the last manual value');
  });

  it('keeps what it had when it turns manual', () => {
    const { client, autogain, gain } = automatic();
    client.set(autogain, 0);
    assert.equal(client.query(gain.id)?.flags, 0);
    assert.deepEqual([client.get(gain), client.get(gain)], [41, 41]);
  });

  it('takes what is set with it when it turns manual', () => {
    const { client, autogain, gain } = automatic();
    client.ext(VIDIOC_S_EXT_CTRLS, [
      { id: autogain.id, value: 0 },
      { id: gain.id, value: 9 },
    ]);
    assert.equal(client.get(gain), 9);
  });

  it('keeps the last manual value when the driver cannot say what it had', () => {
    const { world, client, autogain, gain } = automatic();
    world.onOp = (op) => {
      if (op === 'g') throw new Errno(EINVAL, 'as it was told');
    };
    client.set(autogain, 0);
    assert.equal(client.get(gain), 100);
  });

  it('is a bug of the driver when nobody can say what it has', () => {
    const { hdl } = new CtrlWorld();
    const autogain = hdl.newStd(undefined, abi.V4L2_CID_AUTOGAIN, 0, 1, 1, 1);
    const gain = hdl.newStd(undefined, abi.V4L2_CID_GAIN, 0, 255, 1, 100);
    const bugs = bugsIn(() => v4l2CtrlAutoCluster([autogain, gain], 0, true));
    assert.match(bugs.join('\n'), /has volatile controls and no gVolatileCtrl/);
  });
});

describe('events of controls', () => {
  it('reach all who listen but the setter, which asks for feedback to be told', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const [setter, listener, echo] = [world.open(), world.open(), world.open()];
    for (const client of [setter, listener]) client.subscribe(ctrl);
    echo.subscribe(ctrl, V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK);
    setter.set(ctrl, 7);
    echo.set(ctrl, 8);
    assert.deepEqual(setter.event(), { changes: VALUE, id: ctrl.id, value: 8, flags: 0 });
    assert.deepEqual([listener.event()?.value, listener.event()], [8, undefined]);
    assert.equal(echo.event()?.value, 8);
    assert.equal(listener.file.poll(POLLPRI) & POLLPRI, 0);
  });

  it('say at first how it is, if that was asked for', () => {
    const world = new CtrlWorld();
    const plain = world.integer(1);
    const mute = world.integer(2, { flags: abi.V4L2_CTRL_FLAG_WRITE_ONLY });
    const client = world.open();
    client.subscribe(plain, V4L2_EVENT_SUB_FL_SEND_INITIAL);
    client.subscribe(mute, V4L2_EVENT_SUB_FL_SEND_INITIAL);
    client.subscribe({ id: abi.V4L2_CID_USER_CLASS }, V4L2_EVENT_SUB_FL_SEND_INITIAL);
    assert.deepEqual(
      [client.event()?.changes, client.event()?.changes, client.event()],
      [VALUE | FLAGS, FLAGS, undefined],
    );
  });

  it('are joined: the newest value, all that has changed', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const client = world.open();
    client.subscribe(ctrl);
    v4l2CtrlSCtrl(ctrl, 90);
    v4l2CtrlGrab(ctrl, true);
    v4l2CtrlGrab(ctrl, true);
    v4l2CtrlGrab(ctrl, false);
    v4l2CtrlModifyRange(ctrl, 0, 60, 1, 30);
    assert.deepEqual(client.event(), { changes: VALUE | FLAGS | RANGE, id: ctrl.id, value: 60, flags: 0 });
    v4l2CtrlModifyRange(ctrl, 0, 60, 1, 30);
    assert.equal(client.event(), undefined, 'nothing has changed');
  });

  it('tell the setter too that another control has turned', () => {
    const { client, autogain, gain } = automatic();
    client.subscribe(autogain);
    client.subscribe(gain);
    client.set(autogain, 0);
    assert.deepEqual(client.event(), { changes: VALUE | FLAGS, id: gain.id, value: 41, flags: 0 });
    client.set(autogain, 1);
    assert.deepEqual(client.event(), { changes: FLAGS, id: gain.id, value: 41, flags: AUTO });
    assert.equal(client.event(), undefined);
  });

  it('are for controls that are there, and end with the open file', () => {
    const world = new CtrlWorld();
    const ctrl = world.integer(1);
    const client = world.open();
    assert.equal(client.subscribe({ id: ctrl.id + 1 }), -EINVAL);
    client.subscribe(ctrl);
    assert.equal(ctrl.evSubs.size, 1);
    client.file.close();
    assert.equal(ctrl.evSubs.size, 0);
  });
});
