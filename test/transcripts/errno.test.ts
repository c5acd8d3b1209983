/**
 * What a client's mistakes are answered with, asked in this process. test/cameras/errors.test.ts asks the same
 * questions through the door, and both have to get the answers of the golden file.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EIO, ENODEV, ENOSPC, EPIPE, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, parseCamera } from '../../src/drivers/index.ts';
import { vmallocMemOps } from '../../src/memory/vmalloc.ts';
import {
  type V4l2IoctlOps,
  VideoDevice,
  VideoDeviceRegistry,
  vb2Fops,
  vb2IoctlOps,
} from '../../src/v4l2-core/index.ts';
import { VB2_MMAP, VB2_READ, type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../src/videobuf2/index.ts';
import { ErrnoClient, type ErrnoWorld, SharedDescriptors } from '../support/errno-client.ts';
import { goldenSection, type Question, questionsOf } from '../support/errno-words.ts';

const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;

/** The first node of a camera. */
function plugIn(spec: string, type: number): ErrnoWorld {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const pages = new SharedDescriptors();
  const devices = createCameras(parseCamera(spec), { clock, pages, instance: 0 });
  for (const vdev of devices) registry.register(vdev);
  const device = devices[0] as VideoDevice;
  return { clock, device, type, deeds: { unplug: () => registry.unregister(device) } };
}

function agree(section: string, world: ErrnoWorld): void {
  const expected = goldenSection(section);
  assert.deepEqual(new ErrnoClient(world).ask(questionsOf(expected)), expected);
}

test('vivi answers each mistake with the errno of the kernel', () => {
  agree('capture', plugIn('vivi', CAPTURE));
});

test('the output node of loopback answers each mistake with the errno of the kernel', () => {
  agree('output', plugIn('loopback', abi.V4L2_BUF_TYPE_VIDEO_OUTPUT));
});

test('vivi-mplane answers each mistake with the errno of the kernel', () => {
  agree('mplane', plugIn('vivi-mplane', abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE));
});

test('vivi answers with the errno of the kernel when it was unplugged', () => {
  agree('unplugged', plugIn('vivi', CAPTURE));
});

const FRAME = 5000;
const errorNumbers = { EIO, ENODEV, ENOSPC, EPIPE };

/** A driver that fails when it is told to, and whose frames are complete when it is told so. */
class FailingDriver {
  readonly clock = new VirtualClock();
  readonly owned: Vb2Buffer<FailingDriver>[] = [];
  readonly queue: Vb2Queue<FailingDriver>;
  readonly device: VideoDevice<FailingDriver>;
  /** The operation that fails the next time it is called, and with what. */
  #failing = '';
  #error = 0;

  constructor() {
    const memOps = vmallocMemOps(new SharedDescriptors());
    this.queue = new Vb2Queue<FailingDriver>({
      name: 'failing',
      type: CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: VB2_MMAP | VB2_READ,
      ops: failingOps,
      memOps: {
        ...memOps,
        alloc: (length, cookie, direction) => {
          this.mayFail('alloc');
          return memOps.alloc?.(length, cookie, direction);
        },
      } as typeof memOps,
      drvPriv: this,
      clock: this.clock,
      timestampFlags: abi.V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      minQueuedBuffers: 2,
      supportsRemoveBufs: true,
    });
    this.device = new VideoDevice<FailingDriver>({
      name: 'failing',
      deviceCaps: abi.V4L2_CAP_VIDEO_CAPTURE | abi.V4L2_CAP_STREAMING | abi.V4L2_CAP_READWRITE,
      ioctlOps,
      fops: vb2Fops,
      queue: this.queue,
      drvdata: this,
    });
  }

  mayFail(operation: string): void {
    if (operation !== this.#failing) return;
    this.#failing = '';
    throw new Errno(this.#error, 'as it was told');
  }

  readonly deeds = {
    fail: (question: Question) => {
      this.#failing = question.text('in') ?? '';
      this.#error = errorNumbers[question.text('with') as keyof typeof errorNumbers];
    },
    complete: (question: Question) => {
      const vb = this.owned.shift();
      assert.ok(vb, 'the driver owns a buffer');
      vb.setPlanePayload(0, FRAME);
      if (question.has('last')) vb.flags |= abi.V4L2_BUF_FLAG_LAST;
      vb.done('DONE');
    },
    queue_error: () => this.queue.error(),
  };
}

const failingOps = {
  queueSetup(q, setup) {
    q.drvPriv.mayFail('queueSetup');
    setup.numPlanes = 1;
    setup.sizes[0] ??= FRAME;
  },
  bufInit: (vb) => vb.queue.drvPriv.mayFail('bufInit'),
  bufPrepare: (vb) => vb.queue.drvPriv.mayFail('bufPrepare'),
  bufQueue: (vb) => void vb.queue.drvPriv.owned.push(vb),
  prepareStreaming: (q) => q.drvPriv.mayFail('prepareStreaming'),
  startStreaming(q) {
    try {
      q.drvPriv.mayFail('startStreaming');
    } catch (error) {
      for (const vb of q.drvPriv.owned.splice(0)) vb.done('QUEUED');
      throw error;
    }
  },
  stopStreaming(q) {
    for (const vb of q.drvPriv.owned.splice(0)) vb.done('ERROR');
  },
} satisfies Vb2Ops<FailingDriver>;

const ioctlOps = {
  ...vb2IoctlOps,
  vidioc_g_fmt_vid_cap(_file, _fh, f) {
    f.fmt.pix.sizeimage = FRAME;
  },
} satisfies V4l2IoctlOps<FailingDriver>;

test('the errno of a failing driver reaches the program', () => {
  const { clock, device, deeds } = new FailingDriver();
  new VideoDeviceRegistry(clock).register(device);
  agree('failing driver', { clock, device: device as unknown as VideoDevice, type: CAPTURE, deeds });
});
