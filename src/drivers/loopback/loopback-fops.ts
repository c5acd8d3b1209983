/** The file operations of both nodes. */
import { type V4l2Fh, type V4l2FileOperations, vb2Fops } from '../../v4l2-core/index.ts';
import type { Caller } from '../../vfs/file.ts';
import type { FileReaders } from '../lib/file-readers.ts';
import type { Loopback } from './loopback.ts';
import type { LoopbackReader } from './reader.ts';

const loopbackOf = (fh: V4l2Fh) => fh.vdev.drvdata as Loopback;

/** What is kept of a file that is open on the output node. */
interface Writer {
  /**
   * The bytes that it has given of the next frame with write(); undefined before its first write(), which makes the
   * framework the user of the queue until the file is closed.
   */
  given: number | undefined;
  /** When the device goes, the file is woken, and with it whoever sleeps in write(). */
  readonly wake: () => void;
}

const writers = new WeakMap<V4l2Fh, Writer>();

/**
 * A whole frame goes straight into the buffer of a consumer, with one copy, and waits in the program until there is one.
 * Undefined where it has to go into a buffer of the producer: the first one, parts of a frame, frames that nobody is
 * waited for, and what may not block.
 */
function writeStraight(fh: V4l2Fh, address: number, count: number, caller: Caller): number | undefined {
  const { relay, format, output, takesImage } = loopbackOf(fh);
  // Who waited when the device went hears of it from its queue.
  if (takesImage || !fh.vdev.isRegistered) return undefined;
  const [sizeimage = 0] = format.planeSizes;
  const isWhole = count >= sizeimage || output.fileioWriteImmediately;
  if (!isWhole || count === 0 || writers.get(fh)?.given !== 0) return undefined;
  const length = Math.min(count, sizeimage);
  const pass = () => relay.passStraight(length, caller, (from, to) => caller.memory.read(address + from, to));
  let passed = pass();
  if (passed === 'more' && !fh.file.nonblock()) return relay.awaitPiece(caller);
  while (passed === 'more') passed = pass();
  switch (passed) {
    case 'passed':
      return length;
    case 'wait':
      return fh.file.nonblock() ? undefined : relay.awaitRoom(caller);
    case 'queue':
      return undefined;
  }
}

function writeThroughQueue(fh: V4l2Fh, address: number, count: number, caller: Caller): number {
  const loopback = loopbackOf(fh);
  const moved = vb2Fops.write(fh, address, count, caller);
  loopback.claim(fh);
  const writer = writers.get(fh);
  if (moved >= 0 && writer !== undefined) {
    const [sizeimage = 1] = loopback.format.planeSizes;
    const isFrame = loopback.output.fileioWriteImmediately;
    writer.given = isFrame ? 0 : ((writer.given ?? 0) + moved) % sizeimage;
  }
  loopback.relay.deliver();
  return moved;
}

export const outputFops = {
  ...vb2Fops,
  open(fh) {
    const { roomWq } = loopbackOf(fh).relay;
    const writer: Writer = { given: undefined, wake: () => roomWq.wakeUp() };
    writers.set(fh, writer);
    loopbackOf(fh).outputOpened(fh);
    fh.file.pollWait.add(writer.wake);
  },
  write: (fh, address, count, caller) =>
    writeStraight(fh, address, count, caller) ?? writeThroughQueue(fh, address, count, caller),
  release(fh) {
    const writer = writers.get(fh);
    if (writer !== undefined) fh.file.pollWait.remove(writer.wake);
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
