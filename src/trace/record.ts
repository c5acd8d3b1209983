/** What is written down of an event: plain data, so that it can be sent to another thread. */

/** The groups that a user chooses from. */
export const TRACE_GROUPS = ['ioctl', 'vb2', 'open', 'mmap', 'poll', 'close'] as const;

export type TraceGroup = (typeof TRACE_GROUPS)[number];

export interface TraceRecord {
  /** Nanoseconds of the clock that frames are stamped with. */
  readonly time: number;
  readonly group: TraceGroup;
  /** The kernel's name: `VIDIOC_QBUF`, `vb2_buf_done`, `open` … */
  readonly name: string;
  /** Of whose call it is part; undefined between calls, when a timer of a driver runs. */
  readonly task: { readonly pid: number; readonly tid: number; readonly comm: string } | undefined;
  /** The device node, or the queue of videobuf2. */
  readonly of: string;
  /** It is a step of the call whose record came last. */
  readonly inside: boolean;
  /** What the call was given, or what there is to say. */
  before: string | undefined;
  /** What an ioctl handed back. */
  after: string | undefined;
  /** 0, a descriptor, or a negative error number; undefined for steps, and for a call that sleeps. */
  result: number | undefined;
  /** How long the call took, in nanoseconds, with its sleep. */
  duration: number | undefined;
  /** The call sleeps here, and is told of again when it is answered; or this is where that is. */
  sleep: 'begins' | 'over' | undefined;
}

/** The groups that `text` names, separated by commas; all if it names none. Throws a sentence for the user. */
export function parseGroups(text: string): readonly TraceGroup[] {
  const groups: readonly string[] = TRACE_GROUPS;
  const words = text.split(',');
  const wrong = words.find((word) => !groups.includes(word));
  if (wrong === undefined) return TRACE_GROUPS.filter((group) => words.includes(group));
  const all = `${TRACE_GROUPS.slice(0, -1).join(', ')} and ${TRACE_GROUPS.at(-1)}`;
  throw new RangeError(
    `there is no trace group "${wrong}"; there are ${all}, as in --trace=ioctl,vb2 (put -- before the command)`,
  );
}
