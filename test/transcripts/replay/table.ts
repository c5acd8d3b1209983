/**
 * Which transcripts of a kernel are asked again here: one row for each. A row is a program (`../client/PROGRAM.c`) and its
 * arguments; what it says is compared with `../6.12/TRANSCRIPT.txt`. The rows of a session are run one after the other under
 * one `usercam run`, as they were by one loading of the kernel's module: what one has set the next one finds.
 */
export interface Replay {
  readonly transcript: string;
  readonly program: string;
  readonly args: readonly string[];
  /** The program is `test/clients/errno.c`, and its questions are those of the transcript. */
  readonly isAsked?: true;
}

export interface Session {
  /** What is asked, as `--camera` has it: a registered driver, or the file of one, from `test/transcripts/`. */
  readonly camera: string;
  readonly replays: readonly Replay[];
}

/** The nodes of `measuring.ts`. The third is for deeds, and known to the programs. */
const CTRL = '/dev/video0';
const OUTPUT = '/dev/video1';
const FAILING = '/dev/video3';

const MEASURING = './measuring/measuring.ts';
const SELECTING = './measuring/selecting.ts';

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
    replays: [
      { transcript: 'poll.h6cam-capture', program: 'pollmx', args: [CTRL, 'capture'] },
      { transcript: 'poll.h6cam-output', program: 'pollmx', args: [OUTPUT, 'output'] },
      { transcript: 'poll.h6cam-failing', program: 'pollmx', args: [FAILING, 'failing'] },
      { transcript: 'idlepoll.h6cam-capture', program: 'idlepoll', args: [CTRL] },
      { transcript: 'read.h6cam-capture', program: 'pollmx', args: [CTRL, 'read'] },
      { transcript: 'write.h6cam-output', program: 'pollmx', args: [OUTPUT, 'write'] },
    ],
  },
  {
    camera: MEASURING,
    replays: [
      { transcript: 'errno-capture.h6ctrl', program: 'errno', args: [CTRL, 'capture'], isAsked: true },
    ],
  },
  {
    camera: 'm2m',
    replays: [{ transcript: 'ctrl-walk.vim2m', program: 'ctrls', args: ['/dev/video0', 'walk'] }],
  },
  {
    camera: SELECTING,
    replays: [{ transcript: 'selection.vivid', program: 'misc', args: [CTRL, OUTPUT, 'selection'] }],
  },
  {
    camera: MEASURING,
    replays: [{ transcript: 'gone-vb2.h6cam-ctrl', program: 'pollmx', args: [CTRL, 'gone-own-vb2'] }],
  },
];

/**
 * What the sections of `../errno.golden.txt` are compared with. That our drivers answer as the golden file says is tested
 * elsewhere, in process (errno.test.ts) and through the door (test/cameras/errors.test.ts).
 */
export const goldenSections: readonly (readonly [transcript: string, section: string])[] = [
  ['errno-capture.h6cam', 'capture'],
  ['errno-output.h6cam', 'output'],
  ['errno-mplane.h6cam', 'mplane'],
  ['errno-failing-driver.h6cam', 'failing driver'],
  ['errno-only-through-the-door.h6cam', 'only through the door'],
  ['errno-ordinary-file.h6cam', 'ordinary file'],
  ['errno-unplugged.h6ctrl-mknod', 'unplugged'],
];
