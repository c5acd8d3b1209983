/** Events as a program gets them: which, in which order, what is joined and what is lost, who wakes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL, ENOENT, ENOTTY, EPERM, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import {
  type V4l2IoctlOps,
  type V4l2SubscribedEventOps,
  VideoDevice,
  VideoDeviceRegistry,
  v4l2EventQueue,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
  v4l2SrcChangeEventSubscribe,
} from '../../src/v4l2-core/index.ts';
import { POLLPRI } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

const { V4L2_EVENT_ALL, V4L2_EVENT_EOS, V4L2_EVENT_FRAME_SYNC, V4L2_EVENT_PRIVATE_START } = abi;
const { V4L2_EVENT_SOURCE_CHANGE, V4L2_EVENT_VSYNC } = abi;
const REPLACED = V4L2_EVENT_PRIVATE_START;
const MERGED = V4L2_EVENT_PRIVATE_START + 1;
const REFUSED = V4L2_EVENT_PRIVATE_START + 2;

/** For how many events of each type there is room. */
const rooms = new Map([
  [V4L2_EVENT_VSYNC, 0],
  [V4L2_EVENT_EOS, 2],
  [V4L2_EVENT_FRAME_SYNC, 4],
  [REPLACED, 1],
  [MERGED, 3],
  [REFUSED, 1],
]);

/** Byte 1 of an event counts how often it took another's place, byte 2 how often another was lost before it. */
const countingOps = new Map<number, V4l2SubscribedEventOps>([
  [
    REPLACED,
    {
      replace(old, newer) {
        old.u.data.set(0, newer.u.data.get(0));
        old.u.data.set(1, old.u.data.get(1) + 1);
      },
    },
  ],
  [
    MERGED,
    {
      merge(older, newer) {
        newer.u.data.set(2, older.u.data.get(2) + 1);
      },
    },
  ],
  [
    REFUSED,
    {
      add() {
        throw new Errno(EPERM, 'not this one');
      },
    },
  ],
]);

function camera() {
  const log: string[] = [];
  const ioctlOps: V4l2IoctlOps = {
    vidioc_subscribe_event(_file, fh, sub) {
      if (sub.type === V4L2_EVENT_SOURCE_CHANGE) return v4l2SrcChangeEventSubscribe(fh, sub);
      // The struct is the core's again when the op returns.
      const { type } = sub;
      const room = rooms.get(type);
      if (room === undefined) throw new Errno(EINVAL, 'no such event');
      const del = () => log.push(`end of ${type}`);
      v4l2EventSubscribe(fh, sub, room, { ...countingOps.get(type), del });
    },
    vidioc_unsubscribe_event: (_file, fh, sub) => v4l2EventUnsubscribe(fh, sub),
  };
  const clock = new VirtualClock();
  const vdev = new VideoDevice({ name: 'c', deviceCaps: 1, ioctlOps, fops: {}, drvdata: undefined });
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program();
  const event = abi.v4l2_event.make();
  const raise = (type: number, data = 0, id = 0) => {
    event.type = type;
    event.id = id;
    event.u.data.set(0, data);
    v4l2EventQueue(vdev, event);
  };
  return { clock, vdev, program, raise, log, open: (nonblock = true) => program.open(vdev, { nonblock }) };
}

function subscribe(program: Program, file: ClientFile, type: number, id = 0): number {
  const sub = program.make(abi.v4l2_event_subscription);
  sub.type = type;
  sub.id = id;
  return file.ioctl(abi.VIDIOC_SUBSCRIBE_EVENT, sub);
}

function unsubscribe(program: Program, file: ClientFile, type: number, id = 0): number {
  const sub = program.make(abi.v4l2_event_subscription);
  sub.type = type;
  sub.id = id;
  return file.ioctl(abi.VIDIOC_UNSUBSCRIBE_EVENT, sub);
}

/** All that waits, as `type:data/sequence+pending`. */
function drain(program: Program, file: ClientFile): string[] {
  const event = program.make(abi.v4l2_event);
  const got: string[] = [];
  while (file.poll(POLLPRI) & POLLPRI) {
    file.do(abi.VIDIOC_DQEVENT, event);
    got.push(`${event.type}:${event.u.data.get(0)}/${event.sequence}+${event.pending}`);
  }
  return got;
}

describe('VIDIOC_SUBSCRIBE_EVENT', () => {
  it('is not there, and VIDIOC_DQEVENT neither, when the driver has no events', () => {
    const vdev = new VideoDevice({ name: 'c', deviceCaps: 1, ioctlOps: {}, fops: {}, drvdata: undefined });
    new VideoDeviceRegistry(new VirtualClock()).register(vdev);
    const program = new Program();
    const file = program.open(vdev);
    assert.equal(subscribe(program, file, V4L2_EVENT_EOS), -ENOTTY);
    assert.equal(file.ioctl(abi.VIDIOC_DQEVENT, program.make(abi.v4l2_event)), -ENOTTY);
  });

  it('refuses all at once and what the driver does not tell, and passes its refusal on', () => {
    const { program, open } = camera();
    const file = open();
    assert.equal(subscribe(program, file, V4L2_EVENT_ALL), -EINVAL);
    assert.equal(subscribe(program, file, abi.V4L2_EVENT_MOTION_DET), -EINVAL);
    assert.equal(subscribe(program, file, REFUSED), -EPERM);
    assert.equal(unsubscribe(program, file, REFUSED), 0);
  });

  it('changes nothing when it is subscribed already: what waits goes on waiting', () => {
    const { program, open, raise } = camera();
    const file = open();
    subscribe(program, file, V4L2_EVENT_EOS);
    raise(V4L2_EVENT_EOS, 7);
    assert.equal(subscribe(program, file, V4L2_EVENT_EOS), 0);
    assert.deepEqual(drain(program, file), ['2:7/0+0']);
  });
});

describe('VIDIOC_UNSUBSCRIBE_EVENT', () => {
  it('takes what waits away, says so to the driver, and the sequence goes on', () => {
    const { program, open, raise, log } = camera();
    const file = open();
    for (const type of [V4L2_EVENT_EOS, V4L2_EVENT_VSYNC]) subscribe(program, file, type);
    raise(V4L2_EVENT_EOS);
    raise(V4L2_EVENT_VSYNC, 3);
    unsubscribe(program, file, V4L2_EVENT_EOS);
    assert.deepEqual(log, ['end of 2']);
    assert.deepEqual(drain(program, file), ['1:3/1+0']);
    raise(V4L2_EVENT_VSYNC);
    unsubscribe(program, file, V4L2_EVENT_ALL);
    assert.equal(file.poll(POLLPRI) & POLLPRI, 0);
    subscribe(program, file, V4L2_EVENT_EOS);
    raise(V4L2_EVENT_EOS, 9);
    assert.deepEqual(drain(program, file), ['2:9/3+0']);
    file.close();
    assert.deepEqual(log, ['end of 2', 'end of 1', 'end of 2']);
  });
});

describe('when there is no room', () => {
  const cases: [string, number, number, string[]][] = [
    ['the newest stays in the one place of its kind', V4L2_EVENT_VSYNC, 3, ['1:2/2+0']],
    ['the oldest of two is lost', V4L2_EVENT_EOS, 5, ['2:3/3+1', '2:4/4+0']],
    ['the oldest of four are lost', V4L2_EVENT_FRAME_SYNC, 6, ['4:2/2+3', '4:3/3+2', '4:4/4+1', '4:5/5+0']],
  ];
  for (const [what, type, times, expected] of cases)
    it(what, () => {
      const { program, open, raise } = camera();
      const file = open();
      subscribe(program, file, type);
      for (let n = 0; n < times; n++) raise(type, n);
      assert.deepEqual(drain(program, file), expected);
    });

  it('replace() makes one of two, merge() saves what is lost', () => {
    const { program, open, raise } = camera();
    const file = open();
    const event = program.make(abi.v4l2_event);
    subscribe(program, file, REPLACED, 5);
    subscribe(program, file, MERGED, 5);
    for (let n = 0; n < 4; n++) raise(REPLACED, n, 5);
    for (let n = 0; n < 6; n++) raise(MERGED, n, 5);
    raise(MERGED, 9, 6);
    file.do(abi.VIDIOC_DQEVENT, event);
    assert.deepEqual([event.u.data.get(0), event.u.data.get(1), event.sequence], [3, 3, 3]);
    file.do(abi.VIDIOC_DQEVENT, event);
    assert.deepEqual([event.u.data.get(0), event.u.data.get(2), event.sequence], [3, 3, 7]);
  });

  it('joins the changes of a source', () => {
    const { program, open, raise } = camera();
    const file = open();
    subscribe(program, file, V4L2_EVENT_SOURCE_CHANGE);
    for (const bit of [1, 2, 4]) raise(V4L2_EVENT_SOURCE_CHANGE, bit);
    assert.deepEqual(drain(program, file), ['5:7/2+0']);
  });
});

describe('the order', () => {
  it('is that of the newest contents of each place, over all kinds', () => {
    const { program, open, raise } = camera();
    const file = open();
    for (const type of [V4L2_EVENT_EOS, V4L2_EVENT_VSYNC]) subscribe(program, file, type);
    for (let n = 0; n < 3; n++) for (const type of [V4L2_EVENT_EOS, V4L2_EVENT_VSYNC]) raise(type, n);
    assert.deepEqual(drain(program, file), ['2:1/2+2', '2:2/4+1', '1:2/5+0']);
  });
});

describe('VIDIOC_DQEVENT', () => {
  it('answers ENOENT to who will not wait; who waits gets the next, with the time at which it was raised', () => {
    const { clock, program, open, raise } = camera();
    const [waiting, other] = [open(false), open()];
    const event = program.make(abi.v4l2_event);
    assert.equal(other.ioctl(abi.VIDIOC_DQEVENT, event), -ENOENT);
    const sleeper = waiting.start(abi.VIDIOC_DQEVENT, event);
    subscribe(program, waiting, V4L2_EVENT_EOS);
    assert.equal(sleeper.result, undefined);
    clock.advance(2_500_000_000);
    raise(V4L2_EVENT_EOS);
    clock.advance(1_000_000_000);
    assert.equal(sleeper.result, 0);
    assert.deepEqual([event.timestamp.tv_sec, event.timestamp.tv_nsec], [3, 500_000_000]);
  });

  it('sleeps on when somebody else was faster, whatever has become of O_NONBLOCK; who was interrupted begins anew', () => {
    const { program, open, raise } = camera();
    const file = open(false);
    subscribe(program, file, V4L2_EVENT_EOS);
    const sleepers = Array.from({ length: 2 }, () =>
      file.start(abi.VIDIOC_DQEVENT, program.make(abi.v4l2_event)),
    );
    file.nonblock = true;
    raise(V4L2_EVENT_EOS);
    assert.deepEqual(
      sleepers.map(({ result }) => result),
      [0, undefined],
    );
    sleepers[1]?.interrupt();
    const address = program.addressOf(program.make(abi.v4l2_event));
    const again = () => file.file.device.fops.ioctl(file.file, abi.VIDIOC_DQEVENT, address, sleepers[1]!);
    assert.throws(again, (error) => error instanceof Errno && error.code === ENOENT);
  });

  it('waits again at the head when its answer does not arrive, unless its place was taken', () => {
    const { vdev, program, open, raise } = camera();
    const file = open();
    const event = program.make(abi.v4l2_event);
    subscribe(program, file, V4L2_EVENT_EOS);
    for (let n = 0; n < 2; n++) raise(V4L2_EVENT_EOS, n);
    const told: boolean[] = [];
    file.file.pollWait.add((isNews) => told.push(isNews));
    file.do(abi.VIDIOC_DQEVENT, event);
    assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQEVENT), true);
    assert.deepEqual(told, [false, true]);
    assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQEVENT), false);
    file.do(abi.VIDIOC_DQEVENT, event);
    assert.equal(event.u.data.get(0), 0);
    raise(V4L2_EVENT_EOS, 2);
    assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQEVENT), false);
    assert.deepEqual(drain(program, file), ['2:1/1+1', '2:2/2+0']);
  });
});
