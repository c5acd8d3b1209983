/** The test clients, for a machine that has no compiler. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './command.ts';
import type { Architecture } from './debian.ts';

const sources = fileURLToPath(new URL('../../../test/clients', import.meta.url));
/** What the tests that run there use. */
const NAMES = ['holders', 'identity', 'interrupt', 'puppet', 'sleepers', 'waiters'];

/** The compilers, and their packages. */
export const compilers = {
  x64: { program: 'x86_64-linux-gnu-gcc', package: 'gcc' },
  arm64: { program: 'aarch64-linux-gnu-gcc', package: 'crossbuild-essential-arm64' },
} as const;

/** Puts the clients into `target`, where guest-cc.sh finds them. */
export async function installClients(target: string, architecture: Architecture): Promise<void> {
  mkdirSync(target, { recursive: true });
  const { program } = compilers[architecture];
  for (const name of NAMES) {
    const output = join(target, name);
    await command([program, '-O2', '-static', '-pthread', '-o', output, join(sources, `${name}.c`)]);
  }
}
