/**
 * A program that has a session and no command line: session-host ROUNDS COMMAND... It starts COMMAND with one camera,
 * /dev/video0, and plugs in and unplugs another one ROUNDS times meanwhile. At the end it says in a line of JSON what it has
 * left, sends SIGTERM to the command and ends when that has ended.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginSession, launchIn } from './test-session.ts';

const WARM_UP = 50;
const LOOKS = 30;
/** With so many files open the one that stays, and both programs that stream, have a camera. */
const ALL_OPEN = 3;
/** Programs that stream and may be unplugged. */
const STREAMING = 2;

/** How many files, directories and links are below `path`. */
function filesBelow(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce(
    (sum, each) => sum + 1 + (each.isDirectory() ? filesBelow(join(path, each.name)) : 0),
    0,
  );
}

/** What this process holds: descriptors and mapped memory by what they show, files of the shadow tree. */
function holdings(): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const shows = readlinkSync(`/proc/self/fd/${fd}`);
      // What is held of programs and of directories that they list depends on what they do at the moment.
      if (!/^\/(proc|dev|sys)(\/|$)/.test(shows)) count(shows.replace(/\d+/g, 'N'));
    } catch {
      // That of the directory that was read.
    }
  }
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n'))
    if (line.includes('/memfd:')) count('mapped memfd');
  const root = readdirSync(tmpdir()).find((name) => name.startsWith('usercam-')) as string;
  counts['shadow files'] = filesBelow(join(tmpdir(), root));
  return counts;
}

const megabytes = (): number => Math.round(process.memoryUsage().rss / 2 ** 20);

const [rounds = '0', ...command] = process.argv.slice(2);
const session = beginSession(['vivi,size=320x240']);

async function openFiles(isEnough: (count: number) => boolean): Promise<void> {
  while (!isEnough(await session.openFiles()));
}

/** The highest number that was given. */
let highest = 0;

/** Unplugged at once, or when somebody has opened it, or when all have. */
async function round(n: number): Promise<void> {
  const [node = ''] = await session.add('vivi,size=320x240,fps=max');
  highest = Math.max(highest, Number(/\d+$/.exec(node)?.[0]));
  if (n % 3 === 1) await openFiles((count) => count > 1);
  if (n % 3 === 2) await openFiles((count) => count >= ALL_OPEN);
  await session.remove(node);
}

/** What is held while nobody has anything open but the one that stays: of some looks the least, as one program goes on looking. */
async function quiet(): Promise<Record<string, number>> {
  const least: Record<string, number> = {};
  for (let look = 0; look < LOOKS; look++) {
    await openFiles((count) => count === 1);
    const held = holdings();
    for (const what of new Set([...Object.keys(held), ...Object.keys(least)]))
      least[what] = Math.min(held[what] ?? 0, least[what] ?? (look === 0 ? Number.POSITIVE_INFINITY : 0));
  }
  return Object.fromEntries(Object.entries(least).filter(([, count]) => count > 0));
}

/** A camera that stays until each program that streams has had a frame of it. */
async function firstFrames(directory: string): Promise<void> {
  const [node = ''] = await session.add('vivi,size=320x240,fps=max,readers=many');
  while (readdirSync(directory).length < STREAMING) await session.openFiles();
  await session.remove(node);
}

const ready = await session.ready;
const directory = mkdtempSync(join(tmpdir(), 'frames-'));
process.env.FRAMES = directory;
launchIn(session, command);
await openFiles((count) => count === 1);
await firstFrames(directory);
rmSync(directory, { recursive: true });
for (let n = 0; n < WARM_UP; n++) await round(n);
const before = { ...(await quiet()), megabytes: megabytes() };
for (let n = 0; n < Number(rounds); n++) await round(n);
const after = { ...(await quiet()), megabytes: megabytes() };
const cameras = await session.cameras();
const refused = await session.remove('/dev/video99').catch((error: Error) => error.message);
console.log(JSON.stringify({ role: 'host', ready, cameras, highest, before, after, refused }));
session.signal(constants.signals.SIGTERM, 0, 'command');
