/** The test files that were built, by groups. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Through the door goes what programs do; what cameras answer is the same for everybody, so root does not ask again. */
const groups = {
  unit: ['unit', 'abi', 'syscalls', 'transcripts', 'random'],
  door: ['door', 'cameras'],
  user: ['door', 'cameras'],
  root: ['door'],
};

function testFiles(folder) {
  const directory = join(root, 'dist', 'test', folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(directory, name));
}

/** The files of a group whose paths match all of `words`, which are regular expressions. */
export function filesOf(group, words) {
  const files = groups[group].flatMap(testFiles).filter((file) => words.every((word) => file.match(word)));
  if (files.length === 0)
    throw new Error(
      `no file of the tests of ${group} in dist/ matches [${words.join(', ')}], or nothing is built`,
    );
  return files;
}
