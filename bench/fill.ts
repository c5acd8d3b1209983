/**
 * How fast the test pattern fills frames, beside memcpy of the same bytes in C: same process, same buffers in
 * rotation (as a streaming program uses them, so that a frame is not in the cache any more), rounds that take
 * turns, medians of single frames. The goal is a speed of 0.95 and more.
 *
 *     node dist/bench/fill.js
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_YUYV } from '../src/abi/index.ts';
import { TimerQueue } from '../src/base/timers.ts';
import { ViviPicture } from '../src/drivers/vivi/vivi-picture.ts';
import { ViviView } from '../src/drivers/vivi/vivi-view.ts';
import {
  type FormatName,
  type FrameSize,
  formatInfo,
  formatsNamed,
  sizeimageOf,
} from '../src/pixel/index.ts';
import {
  checker,
  createBars,
  FramePainter,
  fullBars,
  grayRamp,
  type Pattern,
  type TpgShape,
} from '../src/tpg/index.ts';

const BUFFERS = 8;
const ROUNDS = 15;
/** Turns until the compiler of JavaScript has done what it does for a stream in its first seconds. */
const WARM_UP = 20;
const FRAMES_OF_ROUND = 48;

const SHAPES: readonly { name: string; shape: TpgShape }[] = [
  {
    name: '640x480 YUYV',
    shape: { fourcc: V4L2_PIX_FMT_YUYV, width: 640, height: 480, bytesperline: 1280 },
  },
  {
    name: '640x480 RGB24',
    shape: { fourcc: V4L2_PIX_FMT_RGB24, width: 640, height: 480, bytesperline: 1920 },
  },
  {
    name: '1920x1080 YUYV',
    shape: { fourcc: V4L2_PIX_FMT_YUYV, width: 1920, height: 1080, bytesperline: 3840 },
  },
  {
    name: '1920x1080 RGB24',
    shape: { fourcc: V4L2_PIX_FMT_RGB24, width: 1920, height: 1080, bytesperline: 5760 },
  },
];

const libc = koffi.load(null);
const mmap = libc.func(
  'intptr_t mmap(uintptr_t hint, size_t length, int prot, int flags, int fd, intptr_t offset)',
);
const munmap = libc.func('int munmap(uintptr_t address, size_t length)');
const PROT_READ_WRITE = 3;
const MAP_SHARED_ANONYMOUS_POPULATE = 0x8021;
const PAGE = 4096;

/** Memory as video buffers have it: shared, page by page, at page boundaries. */
interface Memory {
  readonly address: number;
  readonly stride: number;
  readonly buffers: readonly Uint8Array[];
  readonly source: Uint8Array;
  free(): void;
}

function allocate(bytes: number): Memory {
  const stride = Math.ceil(bytes / PAGE) * PAGE;
  const length = stride * (BUFFERS + 1);
  const address: number = mmap(0, length, PROT_READ_WRITE, MAP_SHARED_ANONYMOUS_POPULATE, -1, 0);
  if (address === -1) throw new Error('mmap failed');
  const memory = koffi.view(address, length);
  const buffers = Array.from({ length: BUFFERS }, (_, i) => new Uint8Array(memory, i * stride, bytes));
  const source = new Uint8Array(memory, BUFFERS * stride, bytes);
  return { address, stride, buffers, source, free: () => munmap(address, length) };
}

/** Does something with every buffer in turn and says how many microseconds each took. */
type Round = (memory: Memory, usec: Float64Array) => void;

function roundOf(fill: (frame: Uint8Array, memory: Memory) => void): Round {
  return (memory, usec) => {
    for (let i = 0; i < usec.length; i++) {
      const buffer = memory.buffers[i % BUFFERS]!;
      const start = performance.now();
      fill(buffer, memory);
      usec[i] = (performance.now() - start) * 1000;
    }
  };
}

/** memcpy in C, if this machine has a compiler. */
function compileMemcpy(directory: string): Round | undefined {
  const source = fileURLToPath(new URL('../../bench/fill-memcpy.c', import.meta.url));
  const library = join(directory, 'fill-memcpy.so');
  const compiler = spawnSync('gcc', ['-O2', '-shared', '-fPIC', '-o', library, source], { stdio: 'inherit' });
  if (compiler.error !== undefined || compiler.status !== 0) return undefined;
  const memcpyRound = koffi
    .load(library)
    .func('memcpy_round', 'void', ['uintptr_t', 'size_t', 'int', 'uintptr_t', 'size_t', 'int', 'void *']);
  return ({ address, stride, source: { length } }, usec) =>
    memcpyRound(address, stride, BUFFERS, address + BUFFERS * stride, length, usec.length, usec);
}

function barsRound(shape: TpgShape): Round {
  const bars = createBars(shape);
  let scroll = 0;
  return roundOf((frame) => {
    bars.paint(frame, scroll, 0);
    scroll += 2;
  });
}

const FRAME_NS = 33_333_333;

/**
 * The whole picture of vivi with every setting away from its default: all eight lines of text, of which the time is
 * new in each frame, and with automatic gain that line too.
 */
function viviRound({ fourcc, ...size }: FrameSize & { fourcc: number }, autogain: boolean): Round {
  let time = 0;
  const view = new ViviView({ now: () => time, timers: new TimerQueue() });
  view.change({ input: 1, brightness: 140, contrast: 14, saturation: 150, hue: 20, alpha: 128, volume: 77 });
  view.change({ autogain, gain: 50, int32: -2_000_000_000, int64: -9_000_000_000_000_000_000n, bitmask: 1 });
  const picture = new ViviPicture({ info: formatInfo(fourcc)!, ...size }, view);
  let number = 0;
  let target: Uint8Array = new Uint8Array(0);
  const buffer = { planeVaddr: () => target, setPlanePayload: () => {} };
  return roundOf((frame) => {
    target = frame;
    time += FRAME_NS;
    view.press();
    picture.fill(buffer, number++, time);
  });
}

/** Any pattern in any format, in frames without padding. */
function patternRound(name: FormatName, size: FrameSize, pattern: Pattern): Round {
  const painter = new FramePainter(formatsNamed(name)[0]!, size);
  let scroll = 0;
  return roundOf((frame) => {
    painter.paint(frame, 0, pattern, scroll);
    scroll += 2;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** The median time of a frame for each of `rounds`, which take turns; the first turns only warm up. */
function measure(rounds: readonly Round[], memory: Memory): number[] {
  const usec = new Float64Array(FRAMES_OF_ROUND);
  const all: number[][] = rounds.map(() => []);
  for (let turn = -WARM_UP; turn < ROUNDS; turn++) {
    rounds.forEach((round, i) => {
      round(memory, usec);
      if (turn >= 0) all[i]!.push(...usec);
    });
  }
  return all.map(median);
}

function report(name: string, yardstick: string, [base, bars, vivi, auto]: readonly number[]): void {
  const time = (value: number) => `${value.toFixed(1)} us`.padStart(10);
  const speed = (value: number) => `(speed ${(base! / value).toFixed(2)})`;
  console.log(
    `${name.padEnd(16)} ${yardstick}${time(base!)}   bars${time(bars!)} ${speed(bars!)}` +
      `   vivi${time(vivi!)} ${speed(vivi!)}   with automatic gain${time(auto!)} ${speed(auto!)}`,
  );
}

/** Patterns with lines that differ and formats with planes are to be as fast as bars. */
function reportPatterns(yardstick: Round, yardstickName: string): void {
  const size = { width: 1920, height: 1080 };
  for (const name of ['YUYV', 'NV12', 'YUV420', 'RGB32'] as const) {
    const memory = allocate(sizeimageOf(formatsNamed(name)[0]!, size));
    const shown = [fullBars, grayRamp, checker(16), checker(1)];
    const rounds = shown.map((pattern) => patternRound(name, size, pattern));
    const [base = 0, ...times] = measure([yardstick, ...rounds], memory);
    const words = times.map((time, i) => `${shown[i]?.name} ${(base / time).toFixed(2)}`);
    console.log(
      `1920x1080 ${name.padEnd(6)} ${yardstickName} ${base.toFixed(1)} us   speed: ${words.join('   ')}`,
    );
    memory.free();
  }
}

function main(): void {
  const directory = mkdtempSync(join(tmpdir(), 'usercam-bench-'));
  try {
    const memcpy = compileMemcpy(directory);
    const yardstick = memcpy ?? roundOf((frame, { source }) => frame.set(source));
    const name = memcpy === undefined ? 'Uint8Array.set' : 'memcpy';
    if (memcpy === undefined) console.log('no gcc here: compared with Uint8Array.set of a whole frame');
    console.log(`${BUFFERS} buffers in rotation, median of ${ROUNDS * FRAMES_OF_ROUND} frames each`);
    for (const { name: format, shape } of SHAPES) {
      const memory = allocate(shape.height * shape.bytesperline);
      const rounds = [yardstick, barsRound(shape), viviRound(shape, false), viviRound(shape, true)];
      report(format, name, measure(rounds, memory));
      memory.free();
    }
    reportPatterns(yardstick, name);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main();
