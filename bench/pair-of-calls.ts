/** QBUF and DQBUF of one buffer in this process, with the driver's done() between them: what benchmarks measure. */
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_MEMORY_MMAP,
  VIDIOC_DQBUF,
  VIDIOC_QBUF,
  VIDIOC_REQBUFS,
  VIDIOC_STREAMON,
  v4l2_buffer,
  v4l2_requestbuffers,
} from '../src/abi/index.ts';
import { VirtualClock } from '../src/base/timers.ts';
import { plainAddress } from '../src/linux/user-address.ts';
import { heapPages } from '../src/memory/pages.ts';
import { vmallocMemOps } from '../src/memory/vmalloc.ts';
import { VideoDevice, VideoDeviceRegistry, vb2Fops, vb2IoctlOps } from '../src/v4l2-core/index.ts';
import { type Caller, File, WOULD_BLOCK } from '../src/vfs/file.ts';
import {
  VB2_MMAP,
  type Vb2Buffer,
  type Vb2Ops,
  Vb2Queue,
  vb2Dqbuf,
  vb2Qbuf,
} from '../src/videobuf2/index.ts';

const BUFFERS = 4;
const FRAME = 4096;

interface Device {
  held: Vb2Buffer<Device> | undefined;
}

const ops = {
  queueSetup(_q, setup) {
    setup.numPlanes = 1;
    setup.sizes[0] = FRAME;
  },
  bufPrepare: (vb) => vb.setPlanePayload(0, FRAME),
  // As fast as a driver can be: the frame is there at once.
  bufQueue: (vb) => vb.done('DONE'),
} satisfies Vb2Ops<Device>;

/** The memory of the program is an array; addresses are places in it. */
const space = new Uint8Array(4096);
const nowhere = (): never => {
  throw new Error('not part of the measurement');
};
// Copied byte by byte, because a view to copy from or to would be allocated for each call.
const caller: Caller = {
  memory: {
    read(from, destination) {
      const address = plainAddress(from);
      for (let i = 0; i < destination.length; i++) destination[i] = space[address + i] as number;
    },
    write(to, source) {
      const address = plainAddress(to);
      for (let i = 0; i < source.length; i++) space[address + i] = source[i] as number;
    },
    pin: nowhere,
  },
  asleep: false,
  sleep: () => WOULD_BLOCK,
  installFd: nowhere,
  takeFd: nowhere,
  afterwards: nowhere,
};

const queue = new Vb2Queue<Device>({
  name: 'bench',
  type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
  isOutput: false,
  isMultiplanar: false,
  ioModes: VB2_MMAP,
  ops,
  memOps: vmallocMemOps(heapPages),
  drvPriv: { held: undefined },
  clock: new VirtualClock(),
  timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
});
const vdev = new VideoDevice<Device>({
  name: 'bench',
  deviceCaps: 0,
  ioctlOps: { ...vb2IoctlOps, vidioc_g_fmt_vid_cap: () => {} },
  fops: vb2Fops,
  queue,
  drvdata: queue.drvPriv,
});
new VideoDeviceRegistry(new VirtualClock()).register(vdev);
const file = new File(vdev, () => true);
vdev.fops.open(file);

const BUFFER_AT = 1024;
const TYPE_AT = 2048;
const argument = v4l2_buffer.at(space, BUFFER_AT);
argument.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
argument.memory = V4L2_MEMORY_MMAP;

function setUp(): void {
  const req = v4l2_requestbuffers.at(space, 0);
  Object.assign(req, { count: BUFFERS, type: V4L2_BUF_TYPE_VIDEO_CAPTURE, memory: V4L2_MEMORY_MMAP });
  vdev.fops.ioctl(file, VIDIOC_REQBUFS, 0, caller);
  new DataView(space.buffer).setInt32(TYPE_AT, V4L2_BUF_TYPE_VIDEO_CAPTURE, true);
  vdev.fops.ioctl(file, VIDIOC_STREAMON, TYPE_AT, caller);
}

/** The two functions alone, on a struct that is there. */
export function pairsOfQueue(count: number): void {
  for (let i = 0; i < count; i++) {
    argument.index = i & (BUFFERS - 1);
    vb2Qbuf(queue as Vb2Queue, file, argument, caller);
    vb2Dqbuf(queue as Vb2Queue, file, argument, caller);
  }
}

/** The same as ioctls: table, checks, copies in and out. */
export function pairsOfIoctls(count: number): void {
  for (let i = 0; i < count; i++) {
    argument.index = i & (BUFFERS - 1);
    vdev.fops.ioctl(file, VIDIOC_QBUF, BUFFER_AT, caller);
    vdev.fops.ioctl(file, VIDIOC_DQBUF, BUFFER_AT, caller);
  }
}

setUp();
