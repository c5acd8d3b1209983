import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL, ENFILE, ENODEV, ENXIO, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLHUP, POLLIN, POLLPRI } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

const isErrno = (code: number) => (error: unknown) => error instanceof Errno && error.code === code;

function plainDevice(deviceCaps = abi.V4L2_CAP_VIDEO_CAPTURE): VideoDevice<undefined> {
  const ioctlOps = {};
  return new VideoDevice({ name: 'plain', deviceCaps, ioctlOps, fops: {}, drvdata: undefined });
}

function camera(spec = 'vivi') {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const vdev = createCamera(parseCamera(spec), { clock, pages: heapPages, instance: 0 });
  registry.register(vdev);
  return { clock, registry, vdev, program: new Program() };
}

test('register gives the first free number from the wanted one on', () => {
  const registry = new VideoDeviceRegistry(new VirtualClock());
  const devices = [plainDevice(), plainDevice(), plainDevice()];
  registry.register(devices[0]!);
  registry.register(devices[1]!, 0);
  registry.register(devices[2]!, 5);
  assert.deepEqual(
    devices.map(({ name, major, minor }) => [name, major, minor]),
    [
      ['video0', 81, 0],
      ['video1', 81, 1],
      ['video5', 81, 5],
    ],
  );
  registry.unregister(devices[0]!);
  const next = plainDevice();
  registry.register(next);
  assert.equal(next.name, 'video0');
});

test('a number is given again after the last close of the device that had it', () => {
  const registry = new VideoDeviceRegistry(new VirtualClock());
  const gone = plainDevice();
  registry.register(gone);
  const file = new Program().open(gone);
  registry.unregister(gone);
  assert.deepEqual(registry.devices, []);
  const [second, third] = [plainDevice(), plainDevice()];
  registry.register(second);
  assert.equal(second.name, 'video1');
  file.close();
  registry.register(third);
  assert.equal(third.name, 'video0');
});

test('register answers ENFILE when all minors are taken', () => {
  const registry = new VideoDeviceRegistry(new VirtualClock());
  for (let i = 0; i < 256; i++) registry.register(plainDevice(), 200);
  assert.equal(registry.devices.length, 256);
  assert.throws(() => registry.register(plainDevice()), isErrno(ENFILE));
});

test('open answers ENXIO when nothing is left of the device, ENODEV while somebody has it open', () => {
  const { registry, vdev, program } = camera();
  const file = program.open(vdev);
  registry.unregister(vdev);
  assert.throws(() => program.open(vdev), isErrno(ENODEV));
  file.close();
  assert.throws(() => program.open(vdev), isErrno(ENXIO));
});

test('attributes and udevProperties show the device as sysfs and udev do', () => {
  const { vdev } = camera();
  assert.equal(vdev.subsystem, 'video4linux');
  assert.deepEqual(vdev.attributes, { name: 'vivi-000-vid-cap', index: '0', dev_debug: '0' });
  assert.deepEqual(vdev.udevProperties, {
    ID_V4L_VERSION: '2',
    ID_V4L_PRODUCT: 'vivi',
    ID_V4L_CAPABILITIES: ':capture:',
    ID_PATH: 'platform-vivi-000',
  });
  vdev.appear('video3', 3, new VirtualClock());
  assert.deepEqual(vdev.links, ['v4l/by-path/platform-vivi-000-video-index0']);
  assert.deepEqual(plainDevice().links, []);
  assert.equal(
    plainDevice(abi.V4L2_CAP_VIDEO_M2M).udevProperties.ID_V4L_CAPABILITIES,
    ':capture:video_output:',
  );
});

test('udevProperties leaves no trace of the question in the priorities of the device', () => {
  const { vdev } = camera();
  assert.equal(vdev.udevProperties.ID_V4L_VERSION, '2');
  assert.equal(vdev.prio.max(), abi.V4L2_PRIORITY_UNSET);
  assert.equal(vdev.fhs.size, 0);
});

test('read and write answer EINVAL when the device has neither', () => {
  const { program, vdev } = camera('skeleton');
  const file = program.open(vdev);
  const { address } = program.alloc(16);
  assert.equal(file.read(address, 16).result, -EINVAL);
  assert.equal(file.write(address, 16).result, -EINVAL);
});

test('unregister makes every operation of an open file answer ENODEV, and poll ERR HUP PRI', () => {
  const { registry, program, vdev } = camera();
  const file = program.open(vdev);
  const capture = new Capture(program, file);
  capture.streamon();
  let woken = 0;
  file.file.pollWait.add(() => woken++);
  registry.unregister(vdev);
  assert.ok(woken > 0);
  assert.equal(file.poll(POLLIN), POLLERR | POLLHUP | POLLPRI);
  assert.equal(file.ioctl(abi.VIDIOC_DQBUF, capture.buffer), -ENODEV);
  assert.equal(file.read(0, 1).result, -ENODEV);
  assert.equal(file.write(0, 1).result, -ENODEV);
  assert.throws(() => file.mmap(0, 4096), isErrno(ENODEV));
  assert.throws(() => program.open(vdev), isErrno(ENODEV));
  file.close();
});

test('unregister wakes whoever waits in DQBUF, to be told EINVAL by the queue, and ENODEV from then on', () => {
  const { registry, program, vdev } = camera();
  const file = program.open(vdev);
  const capture = new Capture(program, file);
  capture.streamon();
  const thread = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  assert.equal(thread.result, undefined);
  registry.unregister(vdev);
  assert.equal(thread.result, -EINVAL);
  assert.equal(file.ioctl(abi.VIDIOC_DQBUF, capture.buffer), -ENODEV);
});

test('unregister wakes whoever waits in read(), to be told EINVAL by the queue, and ENODEV from then on', () => {
  const { registry, clock, program, vdev } = camera('vivi,fps=10');
  const file = program.open(vdev);
  const { address } = program.alloc(640 * 480 * 2);
  clock.advance(0);
  for (let frame = file.read(address, 640 * 480 * 2); ; frame = file.read(address, 640 * 480 * 2)) {
    clock.advance(0);
    if (frame.result !== undefined) continue;
    registry.unregister(vdev);
    assert.equal(frame.result, -EINVAL);
    break;
  }
  assert.equal(file.read(address, 1).result, -ENODEV);
});

test('unregister leaves ENODEV to who was interrupted in DQBUF, or has had its frame', () => {
  const { registry, clock, program, vdev } = camera();
  const file = program.open(vdev);
  const capture = new Capture(program, file);
  capture.streamon();
  const interrupted = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  interrupted.interrupt();
  const served = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  clock.advance(0);
  assert.equal(served.result, 0);
  registry.unregister(vdev);
  const address = program.addressOf(capture.buffer);
  for (const thread of [interrupted, served])
    assert.throws(() => vdev.fops.ioctl(file.file, abi.VIDIOC_DQBUF, address, thread), isErrno(ENODEV));
});

test('unregister lets who sleeps in DQEVENT sleep on, until a signal: the call that is made again answers ENODEV', () => {
  const { registry, program, vdev } = camera();
  const file = program.open(vdev);
  const event = program.make(abi.v4l2_event);
  const thread = file.start(abi.VIDIOC_DQEVENT, event);
  registry.unregister(vdev);
  assert.equal(thread.result, undefined);
  thread.interrupt();
  const again = () => vdev.fops.ioctl(file.file, abi.VIDIOC_DQEVENT, program.addressOf(event), thread);
  assert.throws(again, isErrno(ENODEV));
});

test('unregister stops the clock of a streaming camera', () => {
  const { registry, clock, program, vdev } = camera();
  new Capture(program, program.open(vdev)).streamon();
  assert.notEqual(clock.timers.next(), Number.POSITIVE_INFINITY);
  registry.unregister(vdev);
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
});

test('pollWait wakes when a frame is there and no longer after close', () => {
  const { clock, program, vdev } = camera();
  const file = program.open(vdev);
  const capture = new Capture(program, file);
  const other = program.open(vdev);
  let wakeUps = 0;
  other.file.pollWait.add(() => wakeUps++);
  capture.streamon();
  wakeUps = 0;
  clock.advance(0);
  assert.ok(wakeUps > 0);
  assert.equal(file.poll(POLLIN) & POLLIN, POLLIN);
  other.close();
  wakeUps = 0;
  clock.advance(100_000_000);
  assert.equal(wakeUps, 0);
});

test('undelivered takes back a DQBUF so that the frame comes again, and nothing else', () => {
  const { clock, program, vdev } = camera();
  const file = program.open(vdev);
  const capture = new Capture(program, file);
  capture.streamon();
  clock.advance(0);
  assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_QBUF), false);
  assert.equal(capture.dqbuf().sequence, 0);
  assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQBUF), true);
  assert.equal(capture.dqbuf().sequence, 0);
});
