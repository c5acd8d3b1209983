/** Drivers that throw what they must not: programs see errnos, and the core loses nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EIO, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import {
  type V4l2FileOperations,
  type V4l2IoctlOps,
  VideoDevice,
  VideoDeviceRegistry,
} from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLIN } from '../../src/vfs/file.ts';
import { bugsIn, withoutBugs } from '../support/driver-bugs.ts';

function oops(): never {
  throw new TypeError('oops');
}

function device({ ops = {}, fops = {} }: { ops?: V4l2IoctlOps; fops?: V4l2FileOperations }) {
  const vdev = new VideoDevice({
    name: 'test',
    deviceCaps: abi.V4L2_CAP_VIDEO_CAPTURE,
    ioctlOps: { vidioc_querycap: () => {}, ...ops },
    fops,
    drvdata: undefined,
  });
  new VideoDeviceRegistry(new VirtualClock()).register(vdev);
  return vdev;
}

/** Runs `body`, which must report the one bug of `where`. */
function reports(where: string, body: () => void): void {
  const bugs = bugsIn(body);
  assert.equal(bugs.length, 1);
  assert.match(bugs[0] ?? '', new RegExp(`test: ${where} threw what is not an Errno: TypeError: oops`));
}

test('ioctl answers EIO when the op throws what is no Errno', () => {
  const program = new Program();
  const file = program.open(device({ ops: { vidioc_log_status: oops } }));
  reports('ioctl', () => assert.equal(file.ioctl(abi.VIDIOC_LOG_STATUS), -EIO));
});

test('read, write and mmap answer EIO when the operation throws what is no Errno', () => {
  const file = new Program().open(device({ fops: { read: oops, write: oops, mmap: oops } }));
  reports('read', () => assert.equal(file.read(0, 1).result, -EIO));
  reports('write', () => assert.equal(file.write(0, 1).result, -EIO));
  const isEio = (error: unknown) => error instanceof Errno && error.code === EIO;
  reports('mmap', () => assert.throws(() => file.mmap(0, 1), isEio));
});

test('poll says ERR when the operation throws', () => {
  const file = new Program().open(device({ fops: { poll: oops } }));
  reports('poll', () => assert.equal(file.poll(POLLIN), POLLERR));
});

test('open answers EIO, and counts the file out, when the operation throws what is no Errno', () => {
  const vdev = device({ fops: { open: oops } });
  const isEio = (error: unknown) => error instanceof Errno && error.code === EIO;
  reports('open', () => assert.throws(() => new Program().open(vdev), isEio));
  assert.equal(vdev.fhs.size, 0);
});

test('close counts the file out when release throws', () => {
  const vdev = device({ fops: { release: oops } });
  const file = new Program().open(vdev);
  reports('release', () => file.close());
  assert.equal(vdev.fhs.size, 0);
  assert.equal(vdev.prio.max(), abi.V4L2_PRIORITY_UNSET);
});

test('close ignores an Errno of release', () => {
  const release = () => {
    throw new Errno(EBUSY);
  };
  const vdev = device({ fops: { release } });
  const file = new Program().open(vdev);
  withoutBugs(() => file.close());
  assert.equal(vdev.fhs.size, 0);
});

test('querycap counts its file out when the op throws', () => {
  const vdev = device({ ops: { vidioc_querycap: oops } });
  assert.throws(() => vdev.querycap(), TypeError);
  assert.equal(vdev.fhs.size, 0);
});
