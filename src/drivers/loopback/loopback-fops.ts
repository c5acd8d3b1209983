/** The file operations of both nodes. */
import { driverBug } from '../../base/bug.ts';
import { ENODEV, Errno } from '../../base/errno.ts';
import { fhQueueFops, type V4l2Fh, type V4l2FileOperations, vb2Fops } from '../../v4l2-core/index.ts';
import type { Vb2Queue } from '../../videobuf2/index.ts';
import type { Loopback } from './loopback.ts';
import { LoopbackReader } from './reader.ts';

const loopbackOf = (fh: V4l2Fh<Loopback>) => fh.vdev.drvdata;

export const outputFops = {
  ...vb2Fops,
  write(fh, address, count, caller) {
    const written = vb2Fops.write(fh, address, count, caller);
    loopbackOf(fh).claim(fh);
    loopbackOf(fh).relay.deliver();
    return written;
  },
  release(fh) {
    vb2Fops.release(fh);
    loopbackOf(fh).unclaim(fh);
  },
} satisfies V4l2FileOperations<Loopback>;

/** The one consumer of the node. */
export const captureFops = {
  ...vb2Fops,
  read(fh, address, count, caller) {
    const got = vb2Fops.read(fh, address, count, caller);
    loopbackOf(fh).relay.deliver();
    return got;
  },
} satisfies V4l2FileOperations<Loopback>;

function ownReaderOf(fh: V4l2Fh<Loopback, LoopbackReader>): LoopbackReader {
  if (fh.drvPriv !== undefined) return fh.drvPriv;
  driverBug(`${fh.vdev.label}: an open file has no queue`);
  throw new Errno(ENODEV, 'the open file has no queue');
}

/** The queue of an open file, where each has its own. */
export function ownQueueOf(fh: V4l2Fh<Loopback, LoopbackReader>): Vb2Queue {
  return ownReaderOf(fh).queue;
}

const ownQueueFops = fhQueueFops(ownQueueOf);

export const captureFopsMany = {
  ...ownQueueFops,
  read(fh, address, count, caller) {
    const got = ownQueueFops.read(fh, address, count, caller);
    loopbackOf(fh).relay.deliver();
    return got;
  },
  open(fh) {
    const reader = new LoopbackReader(loopbackOf(fh));
    reader.loopback.readers.add(reader);
    fh.drvPriv = reader;
    fh.bindQueue(reader.queue);
  },
  release(fh) {
    const reader = ownReaderOf(fh);
    ownQueueFops.release(fh);
    reader.loopback.readers.delete(reader);
  },
} satisfies V4l2FileOperations<Loopback, LoopbackReader>;
