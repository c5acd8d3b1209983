/**
 * From `camera.show()` to the first frame of the new source in the program's hands, which comes a frame time later at most. Goal:
 * no more than a frame time and 5 ms.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import sharp from 'sharp';
import { compile, directory, median } from './support.ts';

/** The published one: the programs of a session are beside it. */
const { startSession } = (await import(
  new URL('../src/bundle/index.mjs', import.meta.url).href
)) as typeof import('../src/index.ts');

const ROUNDS = 40;
const SIZE = { width: 640, height: 480 };
const FRAME_MS = 1000 / 30;
const GOAL_MS = FRAME_MS + 5;

const client = compile('show-client');

async function picture(name: string, color: string): Promise<string> {
  const path = join(directory, name);
  await sharp({ create: { ...SIZE, channels: 3, background: color } }).toFile(path);
  return path;
}

function script(name: string, value: number): string {
  const path = join(directory, name);
  const type = name.endsWith('.ts') ? ': Uint8Array[]' : '';
  writeFileSync(path, `export default { fill: ([plane]${type}) => { plane.fill(${value}); } };`);
  return path;
}

interface Case {
  readonly what: string;
  readonly sources: readonly [string, string];
  readonly format: 'YUYV' | 'MJPEG';
}

const cases: readonly Case[] = [
  { what: 'pattern', sources: ['pattern:black', 'pattern:white'], format: 'YUYV' },
  { what: 'QR code', sources: ['qr:one', 'qr:two'], format: 'YUYV' },
  { what: 'QR code', sources: ['qr:one', 'qr:two'], format: 'MJPEG' },
  {
    what: 'picture',
    sources: [await picture('red.png', 'red'), await picture('blue.png', 'blue')],
    format: 'YUYV',
  },
  { what: 'program', sources: [script('one.mjs', 50), script('two.mjs', 90)], format: 'YUYV' },
  {
    what: 'program in TypeScript',
    sources: [script('three.ts', 50), script('four.ts', 90)],
    format: 'YUYV',
  },
];

/** Milliseconds for each show(): the first one apart, as nothing was made before it. */
async function latencies({ sources, format }: Case, program: string): Promise<[number, number[]]> {
  await using session = await startSession({
    cameras: [`webcam,profile=usb3,size=640x480,fps=30,format=${format}`],
    replace: true,
  });
  const [camera] = session.cameras;
  if (camera === undefined) throw new Error('there is no camera');
  await camera.show('pattern:green');
  const child = session.spawn(program, [camera.node, ...(format === 'MJPEG' ? ['MJPEG'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as unknown as Readable });
  await once(lines, 'line');
  const all: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    // At any moment between two frames.
    await new Promise((resolve) => setTimeout(resolve, 100 + ((round * 17) % FRAME_MS)));
    const before = process.hrtime.bigint();
    const seen = once(lines, 'line');
    await camera.show(sources[round % 2] as string);
    const [line] = (await seen) as [string];
    all.push(Number(BigInt(line) - before) / 1e6);
  }
  child.kill('SIGKILL');
  const [first = 0, ...others] = all;
  return [first, others];
}

if (client === undefined) console.log('show: skipped, there is no C compiler for the client');
else
  for (const each of cases) {
    const [first, others] = await latencies(each, client);
    const most = Math.max(...others);
    console.log(
      `${each.what} in ${each.format}: median ${median(others).toFixed(1)} ms, most ${most.toFixed(1)}, the first ${first.toFixed(1)} (goal ${GOAL_MS.toFixed(1)})`,
    );
  }
