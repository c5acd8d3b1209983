import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

const parent = mkdtempSync(join(tmpdir(), 'roots-'));
after(() => rmSync(parent, { recursive: true, force: true }));
process.env.XDG_RUNTIME_DIR = parent;
const { makeShadowRoot } = await import('../../src/syscalls/names/shadow-root.ts');

/** Long before now, so that nobody can be about to lock it. */
function makeOld(directory: string): void {
  utimesSync(directory, 1, 1);
}

test('makeShadowRoot removes what a killed run has left, and nothing that is in use', () => {
  const first = makeShadowRoot();
  assert.equal(dirname(first), parent);
  const abandoned = join(parent, 'usercam-abandoned');
  const young = join(parent, 'usercam-young');
  const notOurs = join(parent, 'usercam-videos');
  const other = join(parent, 'other');
  for (const directory of [abandoned, young, other]) cpSync(first, directory, { recursive: true });
  mkdirSync(join(abandoned, 'sys'));
  mkdirSync(notOurs);
  writeFileSync(join(notOurs, 'film'), 'of years');
  for (const directory of [first, abandoned, notOurs, other]) makeOld(directory);

  const second = makeShadowRoot();
  const left = [first, second, abandoned, young, other, join(notOurs, 'film')].map((path) =>
    existsSync(path),
  );
  assert.deepEqual(left, [true, true, false, true, true, true]);
});
