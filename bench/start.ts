/**
 * How long `usercam run -- true` takes, beside a Node that does nothing. Wall time wants two free processors: the
 * processes start side by side. The goal is a ratio of at most 3.3.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTurns, median } from './support.ts';

const ROUNDS = 20;
const usercam = fileURLToPath(new URL('../../bin/usercam.js', import.meta.url));

/** Node 20 reads all certificates at each start, where somebody has added some: what it makes of two processes is no matter of ours. */
delete process.env.NODE_EXTRA_CA_CERTS;

function milliseconds(args: readonly string[]): number {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed`);
  return performance.now() - started;
}

const [node, run, frame] = inTurns(ROUNDS, [
  () => milliseconds(['-e', '0']),
  () => milliseconds([usercam, 'run', '--', 'true']),
  () => milliseconds([usercam, 'run', '--', 'head', '-c', '614400', '/dev/video0']),
]).map(median) as [number, number, number];
console.log(`node -e 0:           ${node.toFixed(0)} ms`);
console.log(`usercam run -- true: ${run.toFixed(0)} ms, ${(run / node).toFixed(2)} times`);
console.log(`… until the first frame is read: ${frame.toFixed(0)} ms, ${(frame / node).toFixed(2)} times`);
