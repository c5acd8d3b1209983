/** A line for each test, why it failed, and at the end what there was, in the file that USERCAM_TEST_RESULTS names. */
import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Tally } from './tally.mjs';

export default async function* brief(events) {
  const tally = new Tally();
  for await (const event of events) {
    if (!tally.take(event)) continue;
    const { name, skip, nesting, details } = event.data;
    const seconds = (details.duration_ms / 1000).toFixed(1);
    if (event.type === 'test:fail') yield `✖ ${name}: ${inspect(details.error)}\n`;
    else if (nesting === 0) yield `${skip === undefined ? '✔' : '﹣'} ${name} (${seconds} s)\n`;
  }
  writeFileSync(process.env.USERCAM_TEST_RESULTS, JSON.stringify(tally));
}
