/** docs/anatomy-of-a-driver.md: each of its steps runs and shows what the page says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anatomy, anatomyPage, COMPLIANT, steps } from '../support/anatomy-page.ts';
import { outcomeOf } from '../support/compliance.ts';
import { needs, root, runUsercam } from '../support/door.ts';

for (const { file, title, trial } of steps) {
  test(`step ${file} shows ${title}`, needs(trial.programs ?? []), async () => {
    const camera = `./${file}${trial.settings === undefined ? '' : `,${trial.settings}`}`;
    // A frame that is lost on a busy machine is no fault: all that is said about it must be seen.
    const command = trial.command.replace(' | tail -2', '');
    const { text } = await runUsercam(['sh', '-c', command], { cwd: anatomy, cameras: [camera] });
    for (const line of trial.shows)
      if (line === COMPLIANT) assert.deepEqual(outcomeOf(text, true).notable, [], text);
      else assert.ok(text.includes(line), `no "${line}" in:\n${text}`);
  });
}

test('the page is what the steps are', needs([]), () => {
  assert.equal(readFileSync(join(root, 'docs', 'anatomy-of-a-driver.md'), 'utf8'), anatomyPage());
});
