/** The code in pages of `docs/` runs as it stands there, in a project in which the package is installed. */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { transform } from 'esbuild';
import type { CapabilityName } from '../support/capabilities.ts';
import { type Block, blocksOf } from '../support/doc-blocks.ts';
import { leftovers, needs, root, scratch, start } from '../support/door.ts';
import { environmentIn, provideAll } from '../support/installed.ts';

const pages: Readonly<Record<string, readonly CapabilityName[]>> = {
  'first-camera.md': ['ffmpeg', 'v4l2-ctl'],
  'sessions.md': ['chromium', 'ffmpeg'],
  'in-ci.md': ['opencv', 'pytest'],
};

let project: Promise<string> | undefined;

/** What pages take for granted: a package of the reader's, with a program and tests. */
async function newProject(): Promise<string> {
  const directory = scratch();
  const devDependencies = { usercam: '*', '@playwright/test': '*' };
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', devDependencies }));
  writeFileSync(
    join(directory, 'my-test'),
    '#!/bin/sh\nexec ffmpeg -v error -f v4l2 -i /dev/video0 -f null -\n',
    { mode: 0o755 },
  );
  cpSync(join(root, 'examples', 'pytest', 'conftest.py'), join(directory, 'conftest.py'));
  cpSync(join(root, 'examples', 'pytest', 'test_camera.py'), join(directory, 'test_camera.py'));
  await provideAll(directory);
  return directory;
}

/** The command that runs a block. */
async function commandOf({ name, language, code }: Block, directory: string): Promise<readonly string[]> {
  if (language === 'sh') return ['sh', '-euc', code];
  const file = join(directory, `${basename(name).replaceAll(/\W/g, '-')}.mjs`);
  writeFileSync(file, (await transform(code, { loader: 'ts', target: 'node20.19' })).code);
  return [process.execPath, file];
}

for (const [page, programs] of Object.entries(pages))
  for (const block of blocksOf(page))
    test(`${block.name} runs`, needs(['npm', ...programs]), async () => {
      project ??= newProject();
      const cwd = await project;
      const running = start(await commandOf(block, cwd), { input: '', cwd, env: environmentIn(cwd) });
      const { code, text, stderr } = await running.end;
      assert.equal(code, 0, `${text}\n${stderr}`);
      assert.deepEqual(leftovers(running.temporary), []);
    });
