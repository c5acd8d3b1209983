/** docs/programs.md: the tests that it names are there, and are about the program. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Programs that tests call by another word. */
const words: Readonly<Record<string, string>> = {
  'OpenCV (Python)': 'opencv|pytest',
  GStreamer: 'gst-launch',
  'Playwright Test': 'playwright|chromium',
  Puppeteer: 'firefox',
};

interface Row {
  readonly program: string;
  readonly version: string;
  readonly tests: readonly string[];
}

/** The rows of the tables of programs; what languages and tools were tried is told in words. */
function rows(): readonly Row[] {
  const tables = read('docs/programs.md')
    .split(/\n\n+/)
    .filter((part) => part.startsWith('| program'));
  return tables
    .flatMap((table) => table.trimEnd().split('\n').slice(2))
    .map((line) => {
      const [, program = '', version = '', , , tests = ''] = line.split('|').map((cell) => cell.trim());
      return { program, version, tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name) };
    });
}

test('each program has a version, and the tests of it are there', () => {
  const all = rows();
  assert.ok(all.length > 20, `only ${all.length}`);
  for (const { program, version, tests } of all) {
    assert.match(version, /^\d/, program);
    for (const name of tests)
      assert.match(read(`test/${name}.test.ts`), new RegExp(words[program] ?? program, 'i'), program);
  }
});
