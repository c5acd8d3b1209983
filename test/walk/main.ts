/**
 * `npm run walk -- STEPS [SEED]`: the long walk, run after run, until so many steps have done something. A failure is
 * shrunk and printed as steps that `walk()` takes again.
 */
import { shrink } from './shrink.ts';
import { stepsOf, walk } from './walk.ts';

const STEPS_IN_A_RUN = 400;
const SHRINK_MS = 45_000;
/** After so many steps it says how far it is. */
const TOLD_STEPS = 10_000;

async function main(): Promise<void> {
  const wanted = Number(process.argv[2] ?? 100_000);
  let seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  const counts: Record<string, number> = {};
  let done = 0;
  let failures = 0;
  let told = TOLD_STEPS;
  for (; done < wanted; seed++) {
    const steps = stepsOf(seed, STEPS_IN_A_RUN);
    try {
      const walked = await walk(steps);
      done += walked.log.length;
      for (const [kind, count] of Object.entries(walked.counts)) counts[kind] = (counts[kind] ?? 0) + count;
      for (; done >= told; told += TOLD_STEPS)
        console.log(`${done} steps, seed ${seed}, ${failures} failures`);
    } catch (error) {
      failures++;
      console.log(`seed ${seed}: ${(error as Error).message}\n`);
      if (process.env.USERCAM_WALK_ON === '1') continue;
      const { steps: shrunk, message } = await shrink(steps, (error as Error).message, SHRINK_MS);
      console.log(`shrunk to ${JSON.stringify(shrunk)}\n${message}`);
      break;
    }
  }
  console.log(`${done} steps, last seed ${seed - 1}, ${failures} failures: ${JSON.stringify(counts)}`);
  process.exitCode = failures === 0 ? 0 : 1;
}

await main();
