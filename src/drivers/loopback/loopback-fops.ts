/** The file operations of both nodes. */
import { type V4l2Fh, type V4l2FileOperations, vb2Fops } from '../../v4l2-core/index.ts';
import type { Caller } from '../../vfs/file.ts';
import type { FileReaders } from '../lib/file-readers.ts';
import type { Loopback } from './loopback.ts';
import type { LoopbackReader } from './reader.ts';

const loopbackOf = (fh: V4l2Fh) => fh.vdev.drvdata as Loopback;

/** How far an open file is that gives frames with write(): the bytes that it has given of the next one. */
const written = new WeakMap<V4l2Fh, number>();

/**
 * A whole frame goes straight into the buffer of a consumer that waits for it. Undefined where the frame has to wait in
 * a buffer of the producer: its first one, which makes the framework the user of the queue, parts of a frame, and frames
 * for which somebody is not ready.
 */
function writeStraight(fh: V4l2Fh, address: number, count: number, caller: Caller): number | undefined {
  const { relay, format, output } = loopbackOf(fh);
  const [sizeimage = 0] = format.planeSizes;
  const isWhole = count >= sizeimage || output.fileioWriteImmediately;
  if (!isWhole || written.get(fh) !== 0 || count === 0) return undefined;
  const length = Math.min(count, sizeimage);
  return relay.passStraight(length, (to) => caller.memory.read(address, to)) ? length : undefined;
}

function writeThroughQueue(fh: V4l2Fh, address: number, count: number, caller: Caller): number {
  const loopback = loopbackOf(fh);
  const moved = vb2Fops.write(fh, address, count, caller);
  loopback.claim(fh);
  if (moved >= 0) {
    const [sizeimage = 1] = loopback.format.planeSizes;
    const { fileioWriteImmediately } = loopback.output;
    written.set(fh, fileioWriteImmediately ? 0 : ((written.get(fh) ?? 0) + moved) % sizeimage);
  }
  loopback.relay.deliver();
  return moved;
}

export const outputFops = {
  ...vb2Fops,
  write: (fh, address, count, caller) =>
    writeStraight(fh, address, count, caller) ?? writeThroughQueue(fh, address, count, caller),
  release(fh) {
    vb2Fops.release(fh);
    loopbackOf(fh).unclaim(fh);
  },
} satisfies V4l2FileOperations;

/** The one consumer of the node. */
export const captureFops = {
  ...vb2Fops,
  read(fh, address, count, caller) {
    const got = vb2Fops.read(fh, address, count, caller);
    loopbackOf(fh).relay.deliver();
    return got;
  },
} satisfies V4l2FileOperations;

/** The same where each open file has a queue of its own. */
export function captureFopsMany(readers: FileReaders<LoopbackReader>) {
  const fops = readers.fops();
  return {
    ...fops,
    read(fh, address, count, caller) {
      const got = fops.read(fh, address, count, caller);
      loopbackOf(fh).relay.deliver();
      return got;
    },
  } satisfies V4l2FileOperations;
}
