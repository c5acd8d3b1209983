/** `docs/anatomy-of-a-driver.md`, from the drivers in `examples/anatomy/`, each of which is the one before and one thing more. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './door.ts';

export const anatomy = join(root, 'examples', 'anatomy');

/** What is tried with a step, and what must be seen. */
export interface Trial {
  readonly command: string;
  /** What must be installed for it, beside what every system has. */
  readonly programs?: readonly ('v4l2-compliance' | 'v4l2-ctl')[];
  /** Lines of what the command prints, without what is different from machine to machine. */
  readonly shows: readonly string[];
  /** What follows the file in `--camera`. */
  readonly settings?: string;
}

/** Of what v4l2-compliance says when it has nothing to say. */
export const COMPLIANT = 'Failed: 0, Warnings: 0';

/** By the number of the step. */
const trials: Readonly<Record<string, { readonly title: string; readonly trial: Trial }>> = {
  1: {
    title: 'A node',
    trial: {
      command: 'v4l2-ctl -D',
      programs: ['v4l2-ctl'],
      shows: ['Driver name      : grey', 'Video Capture'],
    },
  },
  2: {
    title: 'A format',
    trial: {
      command: 'v4l2-ctl --list-formats --get-fmt-video',
      programs: ['v4l2-ctl'],
      shows: ["[0]: 'GREY' (8-bit Greyscale)", 'Width/Height      : 320/240', 'Size Image        : 76800'],
    },
  },
  3: {
    title: 'Frames',
    trial: {
      command: 'v4l2-compliance -s5 | tail -2',
      programs: ['v4l2-compliance'],
      shows: [COMPLIANT],
    },
  },
  4: {
    title: 'read(), and a setting',
    trial: {
      command: 'head -c 153601 /dev/video0 | od -An -v -tu1 -w1 -j153600',
      shows: ['10'],
      settings: 'step=5',
    },
  },
  5: {
    title: 'A control',
    trial: {
      command:
        'v4l2-ctl -c brightness=70; head -c 1 /dev/video0 | od -An -tu1; v4l2-compliance -s5 | tail -2',
      programs: ['v4l2-compliance', 'v4l2-ctl'],
      shows: ['70', COMPLIANT],
    },
  },
};

export interface Step {
  readonly file: string;
  readonly title: string;
  readonly trial: Trial;
}

export const steps: readonly Step[] = readdirSync(anatomy)
  .sort()
  .map((file) => {
    const known = trials[file.split('-', 1)[0] as string];
    if (known === undefined)
      throw new Error(`nothing is tried with ${file}: write it down in anatomy-page.ts`);
    return { file, ...known };
  });

const COMMENT = /^\/\*\*\n([\s\S]*?)\n \*\/\n/;

/** What the comment at the head of a step says, and the code below. */
function partsOf(file: string): { readonly prose: string; readonly code: string } {
  const text = readFileSync(join(anatomy, file), 'utf8');
  const [comment = '', inner = ''] = COMMENT.exec(text) ?? [];
  return { prose: inner.replaceAll(/^ \* ?/gm, ''), code: text.slice(comment.length) };
}

/** What is different from the step before, three lines around it: the whole text would hide it. */
function difference(before: string, after: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'anatomy-'));
  const files = [before, after].map((text, i) => {
    const file = join(directory, `${i}.ts`);
    writeFileSync(file, text);
    return file;
  });
  const { stdout } = spawnSync('diff', ['-U3', ...files], { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  // Without the names of the files, and the numbers of lines that nobody counts.
  return stdout
    .split('\n')
    .slice(2)
    .join('\n')
    .replaceAll(/^@@.*@@/gm, '@@');
}

const fence = (language: string, text: string) => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;

/** The command that tries a step, as somebody types it beside the step's file. */
export function commandOf({ file, trial }: Step): string {
  const camera = `./${file}${trial.settings === undefined ? '' : `,${trial.settings}`}`;
  const command = /[|;]/.test(trial.command) ? `sh -c '${trial.command}'` : trial.command;
  return `usercam run --camera ${camera} -- ${command}`;
}

function chapter(step: Step, number: number, previous: Step | undefined): string {
  const { file, title, trial } = step;
  const { prose, code } = partsOf(file);
  const seen = trial.shows.map((line) => `… ${line} …`).join('\n');
  return [
    `## ${number}. ${title}\n`,
    `${prose}\n`,
    previous === undefined
      ? `[${file}](../examples/anatomy/${file}):\n\n${fence('ts', code)}`
      : `[${file}](../examples/anatomy/${file}), beside the step before:\n\n${fence('diff', difference(partsOf(previous.file).code, code))}`,
    fence('console', `$ ${commandOf(step)}\n${seen}`),
  ].join('\n');
}

const HEAD = `# Anatomy of a driver

From nothing to a camera that passes v4l2-compliance. Each step is a file that runs, in [examples/anatomy](../examples/anatomy),
and is shown beside the one before it. A driver needs nothing but the package:

\`\`\`console
$ npm install usercam
$ npx usercam run --watch --camera ./1-node.ts -- bash
\`\`\`

With \`--watch\` the camera is plugged anew whenever its file is saved; a mistake is told with its file and line, and the
programs that use other cameras do not notice.
`;

const FOOT = `## What is left

Sizes, rates, several formats and several readers are the same for most cameras, and need not be written again:
[my-camera.ts](../examples/my-camera.ts) is a camera of 60 lines by \`captureNode()\`. How the functions are called, when,
and what must be given back is said at each of them: \`V4l2IoctlOps\`, \`V4l2FileOperations\`, \`Vb2Ops\`, \`Vb2MemOps\`.
A test of a driver needs no door and no waiting: \`Program\` is a program in the same process, and a \`VirtualClock\` moves
when the test says so.

What a driver throws that is no \`Errno\` is a bug of the driver: it is reported with its file and line, the program hears
EIO and goes on. What it forgets (a buffer that is not given back when the stream stops) is reported too, and repaired.
`;

export function anatomyPage(): string {
  const chapters = steps.map((step, i) => chapter(step, i + 1, steps[i - 1]));
  return [HEAD, ...chapters, FOOT].join('\n');
}
