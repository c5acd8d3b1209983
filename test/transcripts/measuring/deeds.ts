/**
 * The node by which programs tell the driver what to do ("grab 1" is written to it), and read what it was called for: in the
 * kernel these were parameters of the module.
 */
import {
  EINVAL,
  Errno,
  type V4l2FileOperations,
  type VideoDevice,
  v4l2_event,
  v4l2CtrlActivate,
  v4l2CtrlGrab,
  v4l2CtrlModifyRange,
  v4l2EventQueue,
} from 'usercam';
import type { Controls } from './controls.ts';
import type { Frames } from './queues.ts';

/** The nodes whose driver it is. */
export interface Measured {
  readonly controls: Controls;
  /** Those that are done by command. */
  readonly frames: Frames;
  /** Those that come by themselves. */
  readonly timed: readonly Frames[];
  readonly node: () => VideoDevice;
}

const numbers = (text: string): readonly number[] => text.split(' ').map(Number);

type Deed = (measured: Measured, text: string) => void;

const deeds: Readonly<Record<string, Deed>> = {
  grab: ({ controls }, on) => v4l2CtrlGrab(controls.named('Grabbed'), on === '1'),
  active: ({ controls }, on) => v4l2CtrlActivate(controls.named('Inactive'), on === '1'),
  range({ controls }, text) {
    const [min = 0, max = 0, step = 0, def = 0] = numbers(text);
    v4l2CtrlModifyRange(controls.named('Ranged'), min, max, step, def);
  },
  event({ node }, text) {
    const [type = 0, id = 0, byte = 0] = numbers(text);
    const event = v4l2_event.make();
    event.type = type;
    event.id = id;
    event.u.data.set(0, byte);
    v4l2EventQueue(node(), event);
  },
  complete: ({ frames }, which) => frames.complete({ isLast: which === '2' }),
  pass({ timed }) {
    for (const frames of timed) frames.pass();
  },
  queue_error: ({ frames }) => frames.queue.error(),
  // A device goes in one way here, whatever the kernel has more.
  unplug: ({ node }) => node().vanish(),
};

export const deedsFops: V4l2FileOperations<Measured> = {
  write(fh, address, count, caller) {
    const bytes = new Uint8Array(count);
    caller.memory.read(address, bytes);
    const [, name = '', text = ''] = /^(\w+) (.*)$/s.exec(String.fromCharCode(...bytes)) ?? [];
    const deed = deeds[name];
    if (deed === undefined) throw new Errno(EINVAL, `there is no deed "${name}"`);
    deed(fh.vdev.drvdata, text);
    return count;
  },

  read(fh, address, count, caller) {
    const text = fh.vdev.drvdata.controls.calls.take();
    const bytes = Uint8Array.from(text.slice(0, count), (letter) => letter.charCodeAt(0));
    if (bytes.length > 0) caller.memory.write(address, bytes);
    return bytes.length;
  },
};
