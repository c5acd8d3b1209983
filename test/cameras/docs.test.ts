/** The code in the README and in pages of `docs/` runs as it stands there, in a project in which the package is installed. */
import assert from 'node:assert/strict';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { transform } from 'esbuild';
import type { CapabilityName } from '../support/capabilities.ts';
import { type Block, blocksOf } from '../support/doc-blocks.ts';
import { leftovers, needs, root, scratch, start } from '../support/door.ts';
import { environmentIn, installedIn, provideAll } from '../support/installed.ts';

const pages: Readonly<Record<string, readonly CapabilityName[]>> = {
  'README.md': ['ffmpeg', 'v4l2-ctl'],
  'docs/first-camera.md': ['ffmpeg', 'v4l2-ctl'],
  'docs/sessions.md': ['chromium', 'ffmpeg'],
  'docs/sources.md': ['ffmpeg', 'opencv'],
  'docs/in-ci.md': ['opencv', 'pytest'],
};

/** How a checkout is set up, which then runs this. */
const SET_UP = 'npm ci';

const frameOf = (node: string): string => `ffmpeg -v error -f v4l2 -i ${node} -frames:v 1 -f null -`;

/** Programs of the reader's that pages name, each a script of shell. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'my-test': 'exec ffmpeg -v error -f v4l2 -i /dev/video0 -f null -',
  program: frameOf('/dev/video0'),
  'two-cameras': `${frameOf('/dev/video0')} && ${frameOf('/dev/video1')}`,
  'producer-and-consumer': 'test -c /dev/video0 && test -c /dev/video1',
};

/** Programs that do not end by themselves: what stands in their place takes one frame. */
const ENDLESS = ['chromium', 'ffplay'];

/** A frame of grey; ffmpeg tells by what is in a file what it is. */
const FILM = `YUV4MPEG2 W16 H16 F25:1 C420\nFRAME\n${'~'.repeat((16 * 16 * 3) / 2)}`;

let project: Promise<string> | undefined;

function writeScript(directory: string, name: string, code: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${code}\n`, { mode: 0o755 });
}

/** What pages take for granted: a package of the reader's, with programs, tests, cameras, a film; or this one. */
async function newProject(): Promise<string> {
  const directory = scratch();
  const devDependencies = { usercam: '*', '@playwright/test': '*' };
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', devDependencies }));
  for (const [name, code] of Object.entries(PROGRAMS)) writeScript(directory, name, code);
  for (const file of ['pytest/conftest.py', 'pytest/test_camera.py', 'my-camera.ts', 'paint.ts'])
    cpSync(join(root, 'examples', file), join(directory, basename(file)));
  writeFileSync(join(directory, 'read.py'), 'import cv2\nassert cv2.VideoCapture(0).read()[0]\n');
  writeFileSync(join(directory, 'film.mp4'), FILM);
  await provideAll(directory);
  symlinkSync(join(installedIn(directory), 'bin'), join(directory, 'bin'));
  const commands = join(directory, 'node_modules', '.bin');
  for (const name of ENDLESS) writeScript(commands, name, `exec ${frameOf('/dev/video0')}`);
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
  for (const block of blocksOf(page).filter(({ code }) => !code.startsWith(SET_UP)))
    test(`${block.name} runs`, needs(['npm', ...programs]), async () => {
      project ??= newProject();
      const cwd = await project;
      const running = start(await commandOf(block, cwd), { input: '', cwd, env: environmentIn(cwd) });
      const { code, text, stderr } = await running.end;
      assert.equal(code, 0, `${text}\n${stderr}`);
      assert.deepEqual(leftovers(running.temporary), []);
    });
