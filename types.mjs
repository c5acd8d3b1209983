/**
 * Part of `npm run bundle`: the types that are published, those of `src/index.ts` and what it needs. The compiler leaves `./x.ts`
 * in them, which only newer resolvers take for `./x.d.ts`; `./x.js` is understood by all.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const from = 'dist/src';
const to = 'dist/types';
/** What stands after `from` or in `import()`, of a file of ours. */
const RELATIVE = /((?:from |import\(|import )')(\.{1,2}\/[^']+)\.ts(?=')/g;

rmSync(to, { recursive: true, force: true });
const files = ['index.d.ts'];
const known = new Set(files);
for (const file of files) {
  const text = readFileSync(join(from, file), 'utf8').replace(RELATIVE, (_all, before, path) => {
    const needed = `${relative('.', join(dirname(file), path))}.d.ts`;
    if (!known.has(needed)) files.push(needed);
    known.add(needed);
    return `${before}${path}.js`;
  });
  const target = join(to, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
