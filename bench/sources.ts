/**
 * What it costs to show a film: the processor time of usercam, its ffmpeg, and a program that counts frames, beside that of the
 * same ffmpeg writing as many frames to /dev/null, which moves nothing: as fast as it can; at the rate of the film (`-re`), where it
 * sleeps and wakes for each frame as it does behind a camera; and to a pipe that `cat` reads: the bytes have to get out
 * of ffmpeg, which has no other way to give raw frames away than 32 KiB at a time (its protocols take larger pieces for files
 * alone, and nobody waits for room in a file). The goal is at most 1.15 of the first, which each of the others is above alone.
 *
 *     node dist/bench/sources.js
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ffmpegArguments } from '../src/producers/ffmpeg-arguments.ts';
import { type FrameOrder, parseSource } from '../src/sources/index.ts';
import { compile, directory, inTurns, median } from './support.ts';

const ROUNDS = 5;
const RATE = 30;
/** `count-client` takes so many more before it begins to count. */
const WARM_UP = 200;
const FRAMES = 100;
const SIZES = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;

const usercam = fileURLToPath(new URL('../../bin/usercam.js', import.meta.url));

/** Seconds of processor time that a command takes, with all that it starts and waits for. */
function processorTime(command: readonly string[]): number {
  const script = '"$@" && times';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...command], { encoding: 'utf8' });
  const ofChildren = stdout.trim().split('\n').at(-1) ?? '';
  const parts = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)];
  if (status !== 0 || parts.length !== 2) throw new Error(`${command.join(' ')} failed: ${stderr}`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function makeFilm({ width, height }: { width: number; height: number }): string {
  const file = join(directory, `${width}.mkv`);
  const graph = `testsrc2=size=${width}x${height}:rate=${RATE},format=yuv420p`;
  const options = ['-frames:v', `${WARM_UP + FRAMES}`, '-c:v', 'mpeg4', '-q:v', '3', '-y', file];
  spawnSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', graph, ...options]);
  return file;
}

/** The command line that usercam starts ffmpeg with, with an end. */
function alone(film: string, { width, height }: { width: number; height: number }): readonly string[] {
  const source = parseSource(film);
  if (source.kind !== 'film') throw new Error(`${film} is no film`);
  const order: FrameOrder = {
    ...{ source, width, height, format: 'YUYV', planeSizes: [width * height * 2] },
    playing: { fit: 'contain', loop: true, pace: 'frames' },
    interval: { numerator: 1, denominator: RATE },
  };
  const args = ffmpegArguments(order, source);
  return ['ffmpeg', ...args.slice(0, -1), '-frames:v', `${WARM_UP + FRAMES}`, args.at(-1) as string];
}

/** The same, reading the film no faster than it is to be seen. */
function inTime(command: readonly string[]): readonly string[] {
  const input = command.indexOf('-i');
  return [...command.slice(0, input), '-re', ...command.slice(input)];
}

const client = compile('count-client');
if (client === undefined || spawnSync('ffmpeg', ['-version']).status !== 0)
  console.log('sources: skipped, there is no C compiler or no ffmpeg');
else
  for (const size of SIZES) {
    const film = makeFilm(size);
    const { width, height } = size;
    const camera = `webcam,source=${film},size=${width}x${height},fps=${RATE},format=YUYV,pace=frames`;
    // An ffmpeg that is left at the end is killed, and nobody waits for it and hears what it has taken.
    const shown = [
      process.execPath,
      usercam,
      'run',
      '--camera',
      camera,
      '--',
      'sh',
      '-c',
      '"$@"; sleep 1',
      'sh',
    ];
    const [ours, theirs, paced, piped, idle] = inTurns(ROUNDS, [
      () => processorTime([...shown, client, '/dev/video0', `${width}`, `${height}`, `${FRAMES}`]),
      () => processorTime(['sh', '-c', '"$@" >/dev/null', 'sh', ...alone(film, size)]),
      () => processorTime(['sh', '-c', '"$@" >/dev/null', 'sh', ...inTime(alone(film, size))]),
      () => processorTime(['sh', '-c', '"$@" | cat >/dev/null', 'sh', ...alone(film, size)]),
      () => processorTime([...shown, 'true']),
    ]).map(median) as [number, number, number, number, number];
    const ratio = (seconds: number) => ((ours - idle) / seconds).toFixed(2);
    console.log(
      `${width}x${height} at ${RATE} fps: ${ours.toFixed(2)} s, of which ${idle.toFixed(2)} s to start and end; ` +
        `ffmpeg alone ${theirs.toFixed(2)} s, ratio ${ratio(theirs)}; in time ${paced.toFixed(2)} s, ratio ${ratio(paced)}; ` +
        `to a pipe ${piped.toFixed(2)} s, ratio ${ratio(piped)}`,
    );
  }
