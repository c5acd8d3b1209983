/** Programs as V8 has compiled them when usercam was built. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compiledName, scriptOf } from '../../src/session/compiled-program.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../../src/bundle/${name}`, import.meta.url));
const program = pathOf('kernel-worker.js');
const compiled = readFileSync(compiledName(program));

const directory = mkdtempSync(join(tmpdir(), 'compiled-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Under a name of its own: V8 remembers what it has compiled. */
function isTaken(compiled: Buffer, name: string, of = program): boolean {
  const path = join(directory, name);
  symlinkSync(of, path);
  return scriptOf(path, compiled).cachedDataRejected === false;
}

for (const name of ['kernel-worker.js', 'command-line.js', 'launcher.js', 'daemon.js'])
  test(`this Node takes what it has compiled of ${name}`, () => {
    assert.equal(isTaken(readFileSync(compiledName(pathOf(name))), name, pathOf(name)), true);
  });

test('what another one has compiled, or half of it, is not taken', () => {
  const another = Buffer.from(compiled);
  // The version stands behind V8's magic number.
  another.writeUInt32LE(another.readUInt32LE(4) ^ 1, 4);
  assert.equal(isTaken(another, 'another.js'), false);
  assert.equal(isTaken(compiled.subarray(0, compiled.length / 2), 'half.js'), false);
  assert.equal(isTaken(Buffer.alloc(0), 'none.js'), false);
});

test('functions that serve a program are in it', () => {
  // Only what has run is compiled, and a part of it is done when there is a program to be served.
  assert.ok(compiled.length > readFileSync(program).length);
});
