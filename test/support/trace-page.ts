/**
 * `docs/trace-example.md`: a trace of a short stream, in which all that is different from run to run has a fixed form.
 *
 * The order of events is that of a program which waits for each frame. On a machine that stands still for the length of
 * a frame it comes too late for one; the trace itself tells, and the program is run again.
 */
import { spawnSync } from 'node:child_process';
import { run, usercam } from './door.ts';
import { programOf } from './needs.ts';

const RUNS = 10;
/** So many ioctls in a row that the camera does not have are told in one line. */
const MANY = 3;
const COMMAND = 'v4l2-ctl --stream-mmap --stream-count=3';

/** The version of v4l2-ctl here: another one makes other calls. */
export function versionOfV4l2Ctl(): string {
  const { stdout } = spawnSync(programOf('v4l2-ctl'), ['--version'], { encoding: 'utf8' });
  return stdout.split('\n')[0] as string;
}

function fixed(line: string): string {
  return line
    .replace(/^\d+\.\d+/, '0.000000')
    .replace(/<\d+\.\d+>/, '<0.000000>')
    .replace(/v4l2-ctl\[\d+\]/, 'v4l2-ctl[77]')
    .replace(/tv_sec=[1-9]\d*, tv_usec=\d+/g, 'tv_sec=5, tv_usec=100000')
    .replace(/timestamp=\d+/, 'timestamp=5100000000')
    .replace(/\bvideo\d+: /, 'video0: ')
    .replace(/^(.* open\(.*\) = )\d+$/, '$13')
    .replace(/ close\(\d+\)/, ' close(3)');
}

/** True if the program slept whenever a frame was done, but for those that it gave up by STREAMOFF. */
function isWaiting(lines: readonly string[]): boolean {
  return lines.every((line, i) => !/ - .*vb2_buf_done/.test(line) || /unfinished/.test(lines[i - 1] ?? ''));
}

async function trace(): Promise<readonly string[]> {
  // What v4l2-ctl itself says goes to standard error too.
  const command = ['sh', '-c', `exec ${COMMAND} 2> /dev/null`];
  for (let n = 0; n < RUNS; n++) {
    const { stderr, code } = await run([
      process.execPath,
      usercam,
      'run',
      ...['--replace', '--camera', 'skeleton', '--trace', '--'],
      ...command,
    ]);
    if (code !== 0) throw new Error(`${COMMAND}: exit code ${code}\n${stderr}`);
    const lines = stderr.trimEnd().split('\n');
    if (isWaiting(lines)) return lines.map(fixed);
  }
  throw new Error(`${COMMAND} came too late for a frame, in each of ${RUNS} runs`);
}

/** Many ioctls in a row that the camera does not have, as programs try them, become one line. */
function shortened(lines: readonly string[]): readonly string[] {
  const short: string[] = [];
  for (let i = 0; i < lines.length; ) {
    let end = i;
    while (/ = -1 ENOTTY /.test(lines[end] ?? '')) end++;
    const count = end - i;
    if (count >= MANY) short.push(`… ${count} ioctls that the camera does not have: -1 ENOTTY`);
    else short.push(...lines.slice(i, Math.max(end, i + 1)));
    i = Math.max(end, i + 1);
  }
  return short;
}

interface Chapter {
  readonly begins: string;
  readonly title: string;
  readonly text: string;
}

const CHAPTERS: readonly Chapter[] = [
  {
    begins: ' open(',
    title: 'The program looks at the device',
    text: 'No buffers, no stream: poll says POLLERR.',
  },
  {
    begins: 'VIDIOC_REQBUFS',
    title: 'Memory',
    text: `The driver says in queue_setup how many planes a buffer has, and how large they are. The program learns from QUERYBUF
at which offset each buffer is mapped, and maps it.`,
  },
  {
    begins: 'VIDIOC_QBUF',
    title: 'Buffers are queued, and nothing runs',
    text: `The driver checks each buffer in buf_prepare; then it waits in the queue (QUEUED). The driver does not have it yet:
owned_by_drv_count stays 0.`,
  },
  {
    begins: 'VIDIOC_STREAMON',
    title: 'The stream starts',
    text: `All that is queued goes to the driver (ACTIVE), and only then the driver starts. From here on there is something to
wait for, and poll no longer says POLLERR.`,
  },
  {
    begins: 'VIDIOC_DQBUF',
    title: 'A frame, three times',
    text: `DQBUF finds no buffer that is done, and sleeps. The frame comes when no call is served (\`-\`: a timer, where hardware
would have an interrupt): the driver gives the buffer back (DONE). That wakes DQBUF, which hands it out. The QBUF
that follows gives it straight to the driver, because the stream runs.`,
  },
  {
    begins: 'VIDIOC_STREAMOFF',
    title: 'The stream stops',
    text: `The queue is cancelled: the driver stops, and gives back all that it owns (ERROR: there is no frame in it). Nothing is
queued after that, whatever state it was in.`,
  },
  {
    begins: 'VIDIOC_REQBUFS',
    title: 'All goes back',
    text: `REQBUFS with count 0 frees the buffers. The driver hears of the end when the last descriptor is closed.`,
  },
];

function withChapters(lines: readonly string[]): string {
  const parts: string[][] = [];
  let next = 0;
  for (const line of lines) {
    const chapter = CHAPTERS[next];
    if (chapter !== undefined && line.includes(chapter.begins)) {
      parts.push(['', `## ${chapter.title}`, '', chapter.text, '', '```']);
      next++;
    }
    parts.at(-1)?.push(line);
  }
  if (next < CHAPTERS.length) throw new Error(`no ${CHAPTERS[next]?.begins} in\n${lines.join('\n')}`);
  return parts.map((part) => [...part, '```'].join('\n')).join('\n');
}

export async function tracePage(): Promise<string> {
  return `# A trace, read as an explanation of videobuf2

    usercam run --camera skeleton --trace -- ${COMMAND}

Generated by \`npm run docs\` with ${versionOfV4l2Ctl()}; a test keeps the page fresh. The driver is
\`src/drivers/skeleton/skeleton.ts\`. Times, numbers of processes and descriptors are put in a fixed form.

A line that begins with a program is one of its calls: what it gave, then behind the arrow what of that has changed, the
result, and how long it took. What stands indented under a call happens inside it: steps of videobuf2 and calls of the
driver's \`vb2_ops\`, under the kernel's names.
${withChapters(shortened(await trace()))}
`;
}
