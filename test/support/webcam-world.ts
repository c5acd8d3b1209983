/** A webcam in one process, on a virtual clock, whose producers are the test. */
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createSteered, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type FrameOrder, FrameRing, type ProducerHost } from '../../src/sources/index.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { Stream } from './streams.ts';

export const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
export const INTERVAL = 1_000_000_000 / 25;

/** A producer that is the test. */
export class Studio {
  readonly order: FrameOrder;
  readonly ring: FrameRing;
  stopped = false;

  constructor(order: FrameOrder) {
    this.order = order;
    this.ring = FrameRing.shared({ slots: 4, frameBytes: order.planeSizes.reduce((sum, n) => sum + n, 0) });
  }

  stop(): void {
    this.stopped = true;
  }

  write(...values: readonly number[]): void {
    for (const value of values) {
      (this.ring.room as Uint8Array).fill(value);
      this.ring.publish();
    }
  }
}

export function world(
  spec: string,
  files: Readonly<Record<string, string>> = {},
  more: Pick<ProducerHost, 'lacks'> = {},
) {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const studios: Studio[] = [];
  const producers = {
    ...more,
    check: () => undefined,
    start: (order: FrameOrder) => {
      studios.push(new Studio(order));
      return studios.at(-1) as Studio;
    },
  };
  const readText = (path: string) => files[path];
  const surroundings = { clock, pages: heapPages, instance: 0, producers, readText };
  const { devices, steering } = createSteered(parseCamera(spec), surroundings);
  const vdev = devices[0] as VideoDevice;
  registry.register(vdev);
  const program = new Program(64 << 20);
  const open = () => new Stream(program, program.open(vdev), CAPTURE);
  const control = (file: Stream['file'], id: number, value?: number) => {
    const ctrl = program.make(abi.v4l2_control);
    ctrl.id = id;
    ctrl.value = value ?? 0;
    const result = file.ioctl(value === undefined ? abi.VIDIOC_G_CTRL : abi.VIDIOC_S_CTRL, ctrl);
    return result < 0 ? result : ctrl.value;
  };
  return { clock, registry, devices, vdev, steering, program, open, studios, control };
}
