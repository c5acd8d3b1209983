/** A device that answers what a test says, for tests of the core around it. */

import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { type V4l2IoctlOps, VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';

/** A registered device that answers with these ops, and a program that has it open. */
export function deviceWith(ops: V4l2IoctlOps, deviceCaps = abi.V4L2_CAP_VIDEO_CAPTURE) {
  const registry = new VideoDeviceRegistry(new VirtualClock());
  const vdev = new VideoDevice({ name: 'test', deviceCaps, ioctlOps: ops, fops: {}, drvdata: undefined });
  registry.register(vdev);
  const program = new Program();
  return { registry, vdev, program, file: program.open(vdev) };
}

export const querycap = {
  vidioc_querycap(_file, _fh, cap) {
    cap.driver = 'test';
    cap.card = 'A card';
    cap.bus_info = 'platform:test';
  },
} satisfies V4l2IoctlOps;
