/**
 * vivi as it was in the 2.6 kernels, on videobuf: one queue for each open file, no owner, read() that only a close ends, a
 * driver that fills a buffer when somebody waits for it. Beside `vivi`, which stands on videobuf2, for comparison.
 */
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import {
  type V4l2Fh,
  type V4l2FileOperations,
  type V4l2IoctlOps,
  VideoDevice,
} from '../../v4l2-core/index.ts';
import {
  videobufDqbuf,
  videobufMmapMapper,
  videobufPollStream,
  videobufQbuf,
  videobufQuerybuf,
  videobufReadOne,
  videobufReadStream,
  videobufReqbufs,
  videobufStreamoff,
  videobufStreamon,
} from '../../videobuf/index.ts';
import { defineDriver, fillCapability } from '../lib/driver-module.ts';
import { fillPix } from '../lib/frame-format.ts';
import { entry, listedRatesOps } from '../lib/listed-rates.ts';
import { packedFormats } from '../lib/packed-formats.ts';
import { choiceSetting, formatSetting, rateSetting, sizeSetting } from '../lib/settings.ts';
import { usualLimits } from '../lib/usual-limits.ts';
import { viviInputOps } from '../vivi/vivi-ioctl.ts';
import { legacyMemories } from './legacy-memory.ts';
import { ViviLegacy, ViviLegacyFile } from './vivi-legacy.ts';

type Fh = V4l2Fh<ViviLegacy, ViviLegacyFile>;

const fileOf = (fh: Fh) => fh.drvPriv as ViviLegacyFile;
const queueOf = (fh: Fh) => fileOf(fh).queue;

/** The core passes any type on. */
function checkType(type: number): void {
  if (type !== V4L2_BUF_TYPE_VIDEO_CAPTURE) throw new Errno(EINVAL, `there are no buffers of type ${type}`);
}

const ioctlOps = {
  ...listedRatesOps,
  ...viviInputOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.config.identity),
  vidioc_enum_fmt_vid_cap(_file, fh, desc) {
    desc.pixelformat = entry(fh.vdev.drvdata.formats, desc.index, 'formats').fourcc;
  },
  vidioc_g_fmt_vid_cap: (_file, fh, f) => fillPix(f.fmt.pix, fh.vdev.drvdata.format),
  vidioc_try_fmt_vid_cap(_file, fh, { fmt: { pix } }) {
    fillPix(pix, fh.vdev.drvdata.nearest(pix.pixelformat, pix, fileOf(fh)));
  },
  vidioc_s_fmt_vid_cap(_file, fh, { fmt: { pix } }) {
    fillPix(pix, fh.vdev.drvdata.setNearest(pix.pixelformat, pix, fileOf(fh)));
  },
  vidioc_reqbufs: (_file, fh, req, caller) => videobufReqbufs(queueOf(fh), req, caller),
  vidioc_querybuf: (_file, fh, b, caller) => videobufQuerybuf(queueOf(fh), b, caller),
  vidioc_qbuf: (_file, fh, b, caller) => videobufQbuf(queueOf(fh), b, caller),
  vidioc_dqbuf: (file, fh, b, caller) => videobufDqbuf(queueOf(fh), b, file.nonblock(), caller),
  vidioc_streamon(_file, fh, type, caller) {
    checkType(type);
    return videobufStreamon(queueOf(fh), caller);
  },
  vidioc_streamoff(_file, fh, type, caller) {
    checkType(type);
    return videobufStreamoff(queueOf(fh), caller);
  },
} satisfies V4l2IoctlOps<ViviLegacy, ViviLegacyFile>;

const fops = {
  open(fh) {
    const file = new ViviLegacyFile(fh.vdev.drvdata);
    fh.drvPriv = file;
    fh.bindQueue(file.queue);
    fh.vdev.drvdata.files.add(file);
  },
  release: (fh) => queueOf(fh).background.run(fileOf(fh).release()),
  mmap: (fh, request) => videobufMmapMapper(queueOf(fh), request),
  poll: (fh, requested) => videobufPollStream(fh.file, queueOf(fh), requested),
  read(fh, data, count, caller) {
    const request = { data, count, nonblocking: fh.file.nonblock() };
    return fh.vdev.drvdata.config.read === 'one'
      ? videobufReadOne(queueOf(fh), request, caller)
      : videobufReadStream(queueOf(fh), request, false, caller);
  },
} satisfies V4l2FileOperations<ViviLegacy, ViviLegacyFile>;

export const viviLegacyDriver = defineDriver({
  name: 'vivi-legacy',
  help: 'The bars of vivi as it was before videobuf2: on the videobuf framework.',
  settings: {
    size: sizeSetting(usualLimits),
    fps: rateSetting(usualLimits),
    format: formatSetting(packedFormats),
    memory: choiceSetting(legacyMemories, 'The kind of its buffers.'),
    read: choiceSetting(['stream', 'one'], 'Whether read() gives a stream of frames or one frame at a time.'),
  },
  create({ size, fps, format, memory, read }, { identity }, surroundings) {
    const config = { identity, memory, read, size, format, timeperframe: fps.timeperframe };
    const node = new VideoDevice<ViviLegacy>({
      name: `${identity.label}-vid-cap`,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
      ioctlOps: ioctlOps as V4l2IoctlOps<ViviLegacy>,
      fops: fops as V4l2FileOperations<ViviLegacy>,
      drvdata: new ViviLegacy(config, surroundings),
    });
    return [node as VideoDevice];
  },
});
