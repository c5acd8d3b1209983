/**
 * Which transcripts of a kernel are asked again here: one row for each. A row is a program (`../client/PROGRAM.c`) and its
 * arguments; what it says is compared with `../6.12/TRANSCRIPT.txt`. The rows of a session are run one after the other under
 * one `usercam run`, as they were by one loading of the kernel's module: what one has set the next one finds.
 */
export interface Replay {
  readonly transcript: string;
  readonly program: string;
  readonly args: readonly string[];
}

export interface Session {
  /** The file of the driver that is asked, from `test/transcripts/`. */
  readonly camera: string;
  readonly replays: readonly Replay[];
}

/** The nodes of `measuring.ts`. The third is for deeds, and known to the programs. */
const CTRL = '/dev/video0';
const OUTPUT = '/dev/video1';

const MEASURING = 'measuring/measuring.ts';

export const sessions: readonly Session[] = [
  {
    camera: MEASURING,
    replays: [
      { transcript: 'ctrl-walk.h6cam-ctrl', program: 'ctrls', args: [CTRL, 'walk'] },
      { transcript: 'ctrl-set.h6cam-ctrl', program: 'ctrls', args: [CTRL, 'set-own'] },
      { transcript: 'ctrl-ext.h6cam-ctrl', program: 'ctrls', args: [CTRL, 'ext-own'] },
      { transcript: 'ctrl-cluster.h6cam-ctrl', program: 'ctrls', args: [CTRL, 'cluster-own'] },
    ],
  },
  {
    camera: MEASURING,
    replays: [{ transcript: 'events.h6cam-ctrl', program: 'events', args: [CTRL, 'own'] }],
  },
  {
    camera: MEASURING,
    replays: [
      { transcript: 'poll-events.h6cam-ctrl', program: 'pollmx', args: [CTRL, 'events'] },
      { transcript: 'prio.h6cam-ctrl', program: 'misc', args: [CTRL, OUTPUT, 'prio'] },
      { transcript: 'prio-pairs.h6cam-ctrl', program: 'misc', args: [CTRL, OUTPUT, 'prio-pairs'] },
      { transcript: 'gone.h6cam-ctrl', program: 'pollmx', args: [CTRL, 'gone-own'] },
    ],
  },
  {
    camera: MEASURING,
    replays: [{ transcript: 'gone-vb2.h6cam-ctrl', program: 'pollmx', args: [CTRL, 'gone-own-vb2'] }],
  },
];
