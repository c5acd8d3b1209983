/** What the benchmarks share: compiling their C parts, running commands, medians. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const directory = mkdtempSync(join(tmpdir(), 'usercam-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

/** Compiles bench/NAME.c and gives the program; undefined where there is no compiler. */
export function compile(name: string): string | undefined {
  const program = join(directory, name);
  const result = spawnSync('gcc', ['-O2', '-pthread', '-o', program, join(root, 'bench', `${name}.c`)], {
    stdio: 'inherit',
  });
  return result.status === 0 ? program : undefined;
}

/** Runs a command and gives the number that it prints. */
export function measure(command: string, args: readonly string[]): number {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const value = Number.parseFloat(result.stdout);
  if (result.status !== 0 || Number.isNaN(value)) throw new Error(`${command} ${args.join(' ')} failed`);
  return value;
}

/** The number that `command` prints when it runs with a camera, or several. */
export function measureWithCamera(
  cameras: string | readonly string[],
  command: string,
  args: readonly string[],
): number {
  const usercam = join(root, 'bin', 'usercam.js');
  const options = [cameras].flat().flatMap((camera) => ['--camera', camera]);
  return measure(process.execPath, [usercam, 'run', ...options, '--', command, ...args]);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** `rounds` results of each measurement, taken in turns so that a drift of the machine hits all alike. */
export function inTurns(rounds: number, measurements: readonly (() => number)[]): number[][] {
  const results: number[][] = measurements.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, take] of measurements.entries()) results[i]?.push(take());
  }
  return results;
}
