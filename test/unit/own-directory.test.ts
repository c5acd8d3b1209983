import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { makeOwnDirectory } from '../../src/linux/own-directory.ts';

const parent = mkdtempSync(join(tmpdir(), 'roots-'));
after(() => rmSync(parent, { recursive: true, force: true }));

/** Long before now, so that nobody can be about to lock it. */
function makeOld(directory: string): void {
  utimesSync(directory, 1, 1);
}

test('makeOwnDirectory removes what a killed process has left, and nothing that is in use', () => {
  const first = makeOwnDirectory(parent);
  assert.equal(dirname(first), parent);
  const abandoned = join(parent, 'usercam-abandoned');
  const session = join(parent, 'usercam-session-abandoned');
  const young = join(parent, 'usercam-young');
  const notOurs = join(parent, 'usercam-videos');
  const other = join(parent, 'other');
  for (const directory of [abandoned, session, young, other]) cpSync(first, directory, { recursive: true });
  mkdirSync(join(abandoned, 'sys'));
  mkdirSync(notOurs);
  writeFileSync(join(notOurs, 'film'), 'of years');
  for (const directory of [first, abandoned, session, notOurs, other]) makeOld(directory);

  const second = makeOwnDirectory(parent, 'session-');
  assert.match(second, /\/usercam-session-[^/]+$/);
  const left = [first, second, abandoned, session, young, other, join(notOurs, 'film')].map((path) =>
    existsSync(path),
  );
  assert.deepEqual(left, [true, true, false, false, true, true, true]);
});
