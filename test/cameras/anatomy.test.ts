/** docs/anatomy-of-a-driver.md: each of its steps runs and shows what the page says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anatomy, anatomyPage, steps } from '../support/anatomy-page.ts';
import { needs, root, runUsercam } from '../support/door.ts';

for (const { file, title, trial } of steps) {
  test(`step ${file} shows ${title}`, needs(trial.programs ?? []), async () => {
    const camera = `./${file}${trial.settings === undefined ? '' : `,${trial.settings}`}`;
    const result = await runUsercam(['sh', '-c', trial.command], { cwd: anatomy, cameras: [camera] });
    for (const line of trial.shows) assert.ok(result.text.includes(line), `no "${line}" in:\n${result.text}`);
  });
}

test('the page is what the steps are', needs([]), () => {
  assert.equal(readFileSync(join(root, 'docs', 'anatomy-of-a-driver.md'), 'utf8'), anatomyPage());
});
