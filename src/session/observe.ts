/**
 * `usercam run -v`: what programs do with the cameras, for one who wonders. It listens to the trace points, and is nothing
 * where nobody wonders.
 */
import {
  VIDIOC_DQBUF,
  VIDIOC_REQBUFS,
  VIDIOC_S_FMT,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
  v4l2_buffer,
  v4l2_format,
  v4l2_requestbuffers,
} from '../abi/index.ts';
import type { Task } from '../base/trace.ts';
import { MediaDevice, mediaIoctlEnter } from '../media/index.ts';
import { ioctlEnter, ioctlExit, type VideoDevice } from '../v4l2-core/index.ts';
import type { DeviceTable } from '../vfs/device-table.ts';
import type { CharDevice, File } from '../vfs/file.ts';
import { movedPoint, releasePoint, takenBackPoint } from '../vfs/trace.ts';
import { formatText } from './format-text.ts';

type Say = (text: string) => void;

/** What one open file has seen. */
interface Watched {
  readonly node: string;
  /** The program that was the first to ask for something. */
  readonly who: string;
  streaming: boolean;
  frames: number;
  /** By read() or write(), which know no frames. */
  bytes: number;
  /** Numbers that were left out between two frames. */
  lost: number;
  last: number | undefined;
}

const programOf = (task: Task | undefined): string =>
  task === undefined ? 'a program' : `${task.program} (${task.pid})`;

const MEMORY: Readonly<Record<number, string>> = { 1: 'MMAP', 2: 'USERPTR', 4: 'DMABUF' };

const NOTHING = new Uint8Array();
const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

class Observer {
  readonly #say: Say;
  /** Files of which something was heard. */
  readonly #files = new Map<File, Watched>();

  constructor(say: Say) {
    this.#say = say;
  }

  listen(): void {
    for (const entered of [ioctlEnter, mediaIoctlEnter])
      entered.listen(({ file }: { file: File }, task) => this.#find(file, task));
    ioctlExit.listen(({ file, cmd, argument, result }, task) => {
      const watched = this.#find(file, task);
      if (result >= 0) this.#tell(watched, cmd, argument?.view.$bytes);
    });
    movedPoint.listen(({ file, bytes }, task) => {
      this.#find(file, task).bytes += bytes;
    });
    // The program never saw the frame that it was given last; it will be given it again.
    takenBackPoint.listen(({ file, cmd }, task) => {
      if (cmd === VIDIOC_DQBUF) this.#find(file, task).frames--;
    });
    releasePoint.listen((file) => this.#released(file));
  }

  /** What `file` has seen; `task` is the one that asks for something now. */
  #find(file: File, task: Task | undefined): Watched {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const [node, who] = [`/dev/${file.device.name}`, programOf(task)];
    const watched = { node, who, streaming: false, frames: 0, bytes: 0, lost: 0, last: undefined };
    this.#files.set(file, watched);
    this.#say(`${node}: opened by ${who}`);
    return watched;
  }

  #released(file: File): void {
    const watched = this.#files.get(file);
    this.#files.delete(file);
    if (watched !== undefined) this.#stopped(watched);
    const who = watched?.who ?? 'a program that has asked for nothing';
    this.#say(`/dev/${file.device.name}: closed by ${who}`);
  }

  #tell(watched: Watched, cmd: number, bytes: Uint8Array = NOTHING): void {
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

/** From now on `say` hears what becomes of `devices`, and what programs do with them. */
export function observe(devices: DeviceTable, say: Say): void {
  new Observer(say).listen();
  devices.listen({
    added: (device) => say(`/dev/${device.name}: ${textOf(device)}`),
    removed: ({ name }) => say(`/dev/${name}: unplugged`),
  });
}

function textOf(device: CharDevice): string {
  if (device instanceof MediaDevice) return `${device.model} (${device.driver}, ${device.busInfo})`;
  const { card, bus_info, driver } = (device as VideoDevice).querycap();
  return `${card} (${driver}, ${bus_info})`;
}
