/** Writes golden.json anew. Look at the difference before you commit it: each line of it is ABI. */
import { writeFileSync } from 'node:fs';
import { declared, GOLDEN_FILE } from './declared.ts';

function line([name, value]: [string, unknown]): string {
  return `    "${name}": ${Array.isArray(value) ? `[${value.join(', ')}]` : JSON.stringify(value)}`;
}

const blocks = Object.entries(declared()).map(
  ([name, facts]) => `  "${name}": {\n${Object.entries(facts).map(line).join(',\n')}\n  }`,
);
writeFileSync(GOLDEN_FILE, `{\n${blocks.join(',\n')}\n}\n`);
