/** The loopback driver: its settings, and how its two nodes are made. */
import {
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_OUTPUT,
} from '../../abi/index.ts';
import { VideoDevice } from '../../v4l2-core/index.ts';
import type { Vb2Queue } from '../../videobuf2/index.ts';
import { defineDriver } from '../lib/driver-module.ts';
import { FileReaders, type Readers } from '../lib/file-readers.ts';
import { choiceSetting, formatSetting, rateSetting, sizeSetting } from '../lib/settings.ts';
import { tellClientUsage } from './client-usage.ts';
import { Loopback } from './loopback.ts';
import { captureFops, captureFopsMany, outputFops } from './loopback-fops.ts';
import { loopbackFormats, loopbackLimits } from './loopback-format.ts';
import { captureIoctlOps, captureIoctlOpsMany, outputIoctlOps } from './loopback-ioctl.ts';
import { LoopbackReader } from './reader.ts';
import { dropPolicies } from './relay.ts';

function outputNode(loopback: Loopback): VideoDevice<Loopback> {
  return new VideoDevice<Loopback>({
    name: `${loopback.name}-out`,
    deviceCaps: V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
    ioctlOps: outputIoctlOps,
    fops: outputFops,
    queue: loopback.output,
    ctrlHandler: loopback.controls.handler,
    drvdata: loopback,
  });
}

function captureNode(loopback: Loopback, readers: Readers): VideoDevice<Loopback> {
  const node = {
    name: `${loopback.name}-cap`,
    deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
    ctrlHandler: loopback.controls.handler,
    drvdata: loopback,
  };
  const newReader = () => {
    const reader = new LoopbackReader(loopback);
    loopback.readers.add(reader);
    return reader;
  };
  if (readers === 'many') {
    const files = new FileReaders(newReader, (reader) => loopback.readers.delete(reader));
    const ioctlOps = captureIoctlOpsMany(files.queueOf);
    return new VideoDevice<Loopback>({ ...node, ioctlOps, fops: captureFopsMany(files) });
  }
  // The ops of the queue look for the reader in `q.drvPriv`; those of the node use the queue as it is.
  const queue = newReader().queue as unknown as Vb2Queue<Loopback>;
  return new VideoDevice<Loopback>({ ...node, ioctlOps: captureIoctlOps, fops: captureFops, queue });
}

export const loopbackDriver = defineDriver({
  name: 'loopback',
  help: 'Two nodes: what a program writes to the first is what programs read from the second.',
  settings: {
    size: sizeSetting(loopbackLimits),
    fps: rateSetting(loopbackLimits),
    format: formatSetting(loopbackFormats),
    drop: choiceSetting(
      dropPolicies,
      'When a frame is lost to a reader that has no room for it: after a second, at once, or never.',
    ),
  },
  readers: ['one', 'many'],
  card: (_, instance) => `Loopback ${instance}`,
  create({ size, fps, format, drop }, { identity, readers }, { clock, pages }) {
    const { timeperframe } = fps;
    const loopback = new Loopback({ identity, clock, pages, size, format, timeperframe, drop });
    const nodes = [outputNode(loopback), captureNode(loopback, readers)];
    loopback.onReaders = (count) => {
      for (const node of nodes) tellClientUsage(node, count);
    };
    return nodes as VideoDevice[];
  },
});
