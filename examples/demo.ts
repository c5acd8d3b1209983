/**
 * The demo: a virtual camera for a program of ours and, where they are installed, for programs that were
 * never told of it. Each runs as `usercam run -- PROGRAM` and sees an ordinary /dev/video0.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const usercam = join(root, 'bin', 'usercam.js');
const capture = join(root, 'dist', 'examples', 'capture.js');

const CTL_LINES = 12;
const FRAMES = 30;

let failed = false;

function title(text: string): void {
  console.log(`\n== ${text}`);
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program with the virtual camera. Gives back what it wrote if `output` is `take`. */
function run(command: readonly string[], output: 'show' | 'take'): string {
  console.log(`$ usercam run -- ${command.join(' ')}`);
  const result = spawnSync(process.execPath, [usercam, 'run', '--', ...command], {
    stdio: ['inherit', output === 'show' ? 'inherit' : 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    failed = true;
    console.log(`failed: ${result.error?.message ?? result.signal ?? `exit status ${result.status}`}`);
  }
  return result.stdout ?? '';
}

function ownProgram(): void {
  title('A capture program of our own (examples/capture.ts)');
  run([process.execPath, capture, ...process.argv.slice(2)], 'show');
}

function v4l2Ctl(): void {
  title('v4l2-ctl looks at the device');
  if (!isInstalled('v4l2-ctl')) {
    console.log('skipped: v4l2-ctl is not installed (package v4l-utils)');
    return;
  }
  const lines = run(['v4l2-ctl', '--all'], 'take').trimEnd().split('\n');
  for (const line of lines.slice(0, CTL_LINES)) console.log(line);
  if (lines.length > CTL_LINES) console.log(`... and ${lines.length - CTL_LINES} lines more`);
}

function ffmpeg(): void {
  title(`ffmpeg records ${FRAMES} frames`);
  if (!isInstalled('ffmpeg')) {
    console.log('skipped: ffmpeg is not installed');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'usercam-demo-'));
  const video = join(directory, 'demo.mkv');
  const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin'];
  const source = ['-f', 'v4l2', '-i', '/dev/video0', '-frames:v', String(FRAMES)];
  try {
    run(['ffmpeg', ...quiet, ...source, '-c:v', 'ffv1', video], 'show');
    console.log(`${statSync(video).size} bytes of video, removed again`);
  } catch {
    console.log('no video came out');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

ownProgram();
v4l2Ctl();
ffmpeg();
process.exitCode = failed ? 1 : 0;
