/**
 * `usercam run -v`: what programs do with the cameras, for one who wonders. It looks at the calls where the door hands them
 * to a device, and at what they have left in the program's memory.
 */
import { readFileSync } from 'node:fs';
import {
  iocSize,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  VIDIOC_DQBUF,
  VIDIOC_REQBUFS,
  VIDIOC_S_FMT,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
  v4l2_buffer,
  v4l2_format,
  v4l2_requestbuffers,
} from '../abi/index.ts';
import { Errno } from '../base/errno.ts';
import { formatInfo } from '../pixel/index.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import { type Caller, type File, type FileOperations, WOULD_BLOCK } from '../vfs/file.ts';

type Say = (text: string) => void;

/** What one open file has seen. */
interface Watched {
  readonly node: string;
  /** The program that was the first to ask for something. */
  who: string | undefined;
  streaming: boolean;
  frames: number;
  /** By read() or write(), which know no frames. */
  bytes: number;
  /** Numbers that were left out between two frames. */
  lost: number;
  last: number | undefined;
}

/** Callers that come through the door are threads of the kernel. */
function programOf(caller: Caller): string {
  const { tid } = caller as Caller & { readonly tid?: number };
  if (tid === undefined) return 'a program';
  try {
    return `${readFileSync(`/proc/${tid}/comm`, 'utf8').trim()} (${tid})`;
  } catch {
    return `a program (${tid})`;
  }
}

const MPLANE = [V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE];
const MEMORY: Readonly<Record<number, string>> = { 1: 'MMAP', 2: 'USERPTR', 4: 'DMABUF' };

function formatText({ type, fmt }: v4l2_format): string {
  const { width, height, pixelformat } = MPLANE.includes(type) ? fmt.pix_mp : fmt.pix;
  return `${width}x${height} ${formatInfo(pixelformat)?.name ?? `0x${pixelformat.toString(16)}`}`;
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** The ioctls that are a word of the story. */
const TOLD = [VIDIOC_DQBUF, VIDIOC_S_FMT, VIDIOC_REQBUFS, VIDIOC_STREAMON, VIDIOC_STREAMOFF];

class Observer {
  readonly #say: Say;
  readonly #files = new Map<File, Watched>();

  constructor(say: Say) {
    this.#say = say;
  }

  opened(file: File, node: string): void {
    const start = { who: undefined, streaming: false, frames: 0, bytes: 0, lost: 0, last: undefined };
    this.#files.set(file, { node, ...start });
  }

  called(file: File, cmd: number, arg: number, caller: Caller): void {
    const watched = this.#files.get(file);
    if (watched === undefined) return;
    this.#introduce(watched, caller);
    if (!TOLD.includes(cmd)) return;
    const bytes = new Uint8Array(iocSize(cmd));
    try {
      caller.memory.read(arg, bytes);
    } catch (gone) {
      // The call has its answer already, whatever has become of the program since.
      if (gone instanceof Errno) return;
      throw gone;
    }
    this.#tell(watched, cmd, bytes);
  }

  /** The program never saw the frame that it was given last; it will be given it again. */
  takenBack(file: File): void {
    const watched = this.#files.get(file);
    if (watched !== undefined) watched.frames--;
  }

  moved(file: File, bytes: number, caller: Caller): void {
    const watched = this.#files.get(file);
    if (watched === undefined) return;
    this.#introduce(watched, caller);
    watched.bytes += bytes;
  }

  released(file: File): void {
    const watched = this.#files.get(file);
    if (watched === undefined) return;
    this.#files.delete(file);
    this.#stopped(watched);
    this.#say(`${watched.node}: closed by ${watched.who ?? 'a program that has asked for nothing'}`);
  }

  #introduce(watched: Watched, caller: Caller): void {
    if (watched.who !== undefined) return;
    watched.who = programOf(caller);
    this.#say(`${watched.node}: opened by ${watched.who}`);
  }

  #tell(watched: Watched, cmd: number, bytes: Uint8Array): void {
    const { node, who } = watched;
    if (cmd === VIDIOC_DQBUF) this.#frame(watched, v4l2_buffer.at(bytes).sequence);
    else if (cmd === VIDIOC_S_FMT) this.#say(`${node}: ${who} sets ${formatText(v4l2_format.at(bytes))}`);
    else if (cmd === VIDIOC_REQBUFS) {
      const { count, memory } = v4l2_requestbuffers.at(bytes);
      if (count > 0) this.#say(`${node}: ${who} has ${counted(count, 'buffer')} (${MEMORY[memory]})`);
    } else if (cmd === VIDIOC_STREAMON) {
      watched.streaming = true;
      this.#say(`${node}: ${who} streams`);
    } else if (cmd === VIDIOC_STREAMOFF) this.#stopped(watched);
  }

  #frame(watched: Watched, sequence: number): void {
    watched.frames++;
    if (watched.last !== undefined) watched.lost += Math.max(0, sequence - watched.last - 1);
    watched.last = sequence;
  }

  #stopped(watched: Watched): void {
    const { node, who, frames, bytes, lost } = watched;
    if (watched.streaming)
      this.#say(`${node}: ${who} has had ${counted(frames, 'frame')}, ${lost} lost in between`);
    if (bytes > 0) this.#say(`${node}: ${who} has read or written ${counted(bytes, 'byte')}`);
    Object.assign(watched, { streaming: false, frames: 0, bytes: 0, lost: 0, last: undefined });
  }
}

/** From now on `say` hears what programs do with `devices`. */
export function observe(devices: readonly VideoDevice[], say: Say): void {
  const observer = new Observer(say);
  for (const device of devices) {
    const { fops } = device;
    const observed: FileOperations = {
      mmap: (file, request) => fops.mmap(file, request),
      poll: (file, requested) => fops.poll(file, requested),
      undelivered(file, cmd) {
        const isTakenBack = fops.undelivered(file, cmd);
        if (isTakenBack && cmd === VIDIOC_DQBUF) observer.takenBack(file);
        return isTakenBack;
      },
      open(file) {
        fops.open(file);
        observer.opened(file, `/dev/${device.name}`);
      },
      ioctl(file, cmd, arg, caller) {
        const result = fops.ioctl(file, cmd, arg, caller);
        if (result !== WOULD_BLOCK) observer.called(file, cmd, arg, caller);
        return result;
      },
      read(file, address, count, caller) {
        const result = fops.read(file, address, count, caller);
        if (result > 0) observer.moved(file, result, caller);
        return result;
      },
      write(file, address, count, caller) {
        const result = fops.write(file, address, count, caller);
        if (result > 0) observer.moved(file, result, caller);
        return result;
      },
      release(file) {
        observer.released(file);
        fops.release(file);
      },
    };
    (device as { fops: FileOperations }).fops = observed;
    const { card, bus_info, driver } = device.querycap();
    say(`/dev/${device.name}: ${card} (${driver}, ${bus_info})`);
  }
}
