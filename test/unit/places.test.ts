import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const maker = fileURLToPath(new URL('../support/place-maker.js', import.meta.url));

test('sessions begin while others end, which take the directory of all with them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'places-'));
  const env = { ...process.env, XDG_RUNTIME_DIR: directory };
  const make = (name: string) => promisify(execFile)(process.execPath, [maker, name, '1000'], { env });
  const said = await Promise.all(['one', 'other'].map(make));
  assert.deepEqual(
    said.map(({ stderr }) => stderr),
    ['', ''],
  );
  assert.deepEqual(readdirSync(directory), []);
  rmSync(directory, { recursive: true });
});
