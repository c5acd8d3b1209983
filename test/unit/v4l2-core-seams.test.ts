/** What a device can bring beside ops: controls, events, data of its own for each open file, queues of any framework. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL, ENODEV, ENOTTY } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { WaitQueue } from '../../src/base/wait-queue.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import {
  type FrameQueue,
  V4l2CtrlHandler,
  type V4l2Fh,
  type V4l2FileOperations,
  type V4l2IoctlOps,
  VideoDevice,
  type VideoDeviceConfig,
  VideoDeviceRegistry,
  v4l2EventQueueFh,
  v4l2EventSubscribe,
  vb2IoctlOps,
  vb2QueueOf,
} from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

/** A device that is there, and its open file as the driver sees it. */
function device(config: Partial<VideoDeviceConfig<undefined>> = {}) {
  const fhs: V4l2Fh[] = [];
  const fops: V4l2FileOperations<undefined> = {
    ...config.fops,
    open(fh) {
      fhs.push(fh);
      config.fops?.open?.(fh);
    },
  };
  const plain = { name: 'plain', deviceCaps: abi.V4L2_CAP_VIDEO_CAPTURE, ioctlOps: {}, drvdata: undefined };
  const vdev = new VideoDevice<undefined>({ ...plain, ...config, fops });
  const registry = new VideoDeviceRegistry(new VirtualClock());
  registry.register(vdev);
  const program = new Program();
  return { vdev, registry, program, open: () => ({ file: program.open(vdev), fh: fhs[fhs.length - 1]! }) };
}

/** Controls of one: user control `name`. */
function handler(name: string): V4l2CtrlHandler {
  const hdl = new V4l2CtrlHandler<unknown>(undefined);
  const type = abi.V4L2_CTRL_TYPE_INTEGER;
  hdl.newCustom({ id: OWN, name, type, min: 0, max: 10, step: 1, def: 5 });
  return hdl;
}

const OWN = abi.V4L2_CID_USER_BASE | 0x1000;

/** A description of the control, asked for. */
function queryOf(program: Program): abi.v4l2_queryctrl {
  const query = program.make(abi.v4l2_queryctrl);
  query.id = OWN;
  return query;
}

describe('control ioctls', () => {
  it('answer ENOTTY when there is neither op nor handler', () => {
    const { open, program } = device();
    assert.equal(open().file.ioctl(abi.VIDIOC_QUERYCTRL, program.make(abi.v4l2_queryctrl)), -ENOTTY);
  });

  it('are answered by the handler of the device, not by its ops, when it has one', () => {
    const ioctlOps: V4l2IoctlOps = { vidioc_queryctrl: () => assert.fail('the op was called') };
    const { open, program } = device({ ioctlOps, ctrlHandler: handler('of the device') });
    const query = queryOf(program);
    open().file.do(abi.VIDIOC_QUERYCTRL, query);
    assert.equal(query.name, 'of the device');
    assert.equal(open().file.ioctl(abi.VIDIOC_G_CTRL, program.make(abi.v4l2_control)), -EINVAL);
  });

  it('are there for one open file alone when that has a handler of its own', () => {
    const { open, program } = device();
    const [own, other] = [open(), open()];
    own.fh.ctrlHandler = handler('of the file');
    const query = queryOf(program);
    own.file.do(abi.VIDIOC_QUERYCTRL, query);
    assert.equal(query.name, 'of the file');
    assert.equal(other.file.ioctl(abi.VIDIOC_QUERYCTRL, query), -ENOTTY);
  });

  it('prefer the handler of the open file when the device has one too', () => {
    const { open, program } = device({ ctrlHandler: handler('of the device') });
    const { file, fh } = open();
    fh.ctrlHandler = handler('of the file');
    const query = queryOf(program);
    file.do(abi.VIDIOC_QUERYCTRL, query);
    assert.equal(query.name, 'of the file');
  });
});

const eventOps: V4l2IoctlOps = { vidioc_subscribe_event: (_file, fh, sub) => v4l2EventSubscribe(fh, sub) };
const eos = abi.v4l2_event.make();
eos.type = abi.V4L2_EVENT_EOS;

describe('poll', () => {
  for (const [what, poll] of [
    ['is ready', () => POLLIN],
    ['looks at nothing', () => 0],
    ['has failed', () => POLLERR],
  ] as const)
    it(`says PRI for whatever it is asked when an event waits and the queue ${what}`, () => {
      const { program, open } = device({ fops: { poll }, ioctlOps: eventOps });
      const { file, fh } = open();
      v4l2EventSubscribe(fh, eos);
      for (const mask of [POLLIN, POLLOUT, POLLPRI, 0, POLLIN | POLLPRI]) {
        assert.equal(file.poll(mask), poll());
        v4l2EventQueueFh(fh, eos);
        assert.equal(file.poll(mask), poll() | POLLPRI);
        file.do(abi.VIDIOC_DQEVENT, program.make(abi.v4l2_event));
      }
    });
});

describe('undelivered', () => {
  it('takes back what only asks, and lets stand what took effect', () => {
    const { vdev, open } = device();
    const { file } = open().file;
    for (const cmd of [abi.VIDIOC_QUERYCAP, abi.VIDIOC_G_FMT, abi.VIDIOC_TRY_FMT, abi.VIDIOC_ENUMINPUT])
      assert.equal(vdev.fops.undelivered(file, cmd), true);
    for (const cmd of [abi.VIDIOC_S_FMT, abi.VIDIOC_QBUF, abi.VIDIOC_STREAMON, abi.VIDIOC_S_CTRL, 0])
      assert.equal(vdev.fops.undelivered(file, cmd), false);
  });

  it('asks the driver for a DQBUF and the events for a DQEVENT', () => {
    const { vdev, open, program } = device({ fops: { undqbuf: () => true }, ioctlOps: eventOps });
    const { file, fh } = open();
    assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQEVENT), false);
    v4l2EventSubscribe(fh, eos);
    v4l2EventQueueFh(fh, eos);
    file.do(abi.VIDIOC_DQEVENT, program.make(abi.v4l2_event));
    assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQBUF), true);
    assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQEVENT), true);
  });
});

describe('an ioctl that waits', () => {
  it('goes on to the end when the device goes meanwhile, whichever it is', () => {
    const { vdev, registry, open, program } = device({ ioctlOps: eventOps });
    const { file, fh } = open();
    v4l2EventSubscribe(fh, eos);
    const sleeper = file.start(abi.VIDIOC_DQEVENT, program.make(abi.v4l2_event));
    registry.unregister(vdev);
    assert.equal(sleeper.result, undefined);
    assert.equal(file.ioctl(abi.VIDIOC_DQEVENT, program.make(abi.v4l2_event)), -ENODEV);
    v4l2EventQueueFh(fh, eos);
    assert.equal(sleeper.result, 0);
  });
});

/** A queue of another framework, which counts what the core wants of it. */
function foreignQueue(): FrameQueue & { vanished: number } {
  return {
    doneWq: new WaitQueue(),
    vanished: 0,
    vanish() {
      this.vanished++;
    },
  };
}

describe('a queue of another framework', () => {
  it('wakes who polls any open file when it is the one of the node, and hears once that the device goes', () => {
    const queue = foreignQueue();
    const { vdev, registry, open } = device({ queue });
    const woken = [0, 0];
    const files = woken.map((_, i) => {
      const { file } = open();
      file.file.pollWait.add(() => woken[i]!++);
      return file;
    });
    queue.doneWq.wakeUp();
    assert.deepEqual(woken, [1, 1]);
    registry.unregister(vdev);
    assert.equal(queue.vanished, 1);
    for (const file of files) file.close();
    assert.ok(queue.doneWq.empty, 'nobody is left on the wait queue');
  });

  it('wakes who polls its own open file and no other when it is bound to that', () => {
    const queue = foreignQueue();
    const { vdev, registry, open } = device();
    const [own, other] = [open(), open()];
    own.fh.bindQueue(queue);
    let woken = '';
    own.file.file.pollWait.add(() => (woken += 'own '));
    other.file.file.pollWait.add(() => (woken += 'other '));
    queue.doneWq.wakeUp();
    assert.equal(woken, 'own ');
    registry.unregister(vdev);
    assert.equal(queue.vanished, 1);
    own.file.close();
    assert.ok(queue.doneWq.empty, 'nobody is left on the wait queue');
  });

  it('is not taken for one of videobuf2', () => {
    const { vdev, open, program } = device({ queue: foreignQueue(), ioctlOps: vb2IoctlOps });
    assert.throws(() => vb2QueueOf(vdev), /without a queue of videobuf2/);
    assert.equal(open().file.ioctl(abi.VIDIOC_EXPBUF, program.make(abi.v4l2_exportbuffer)), -ENODEV);
  });
});
