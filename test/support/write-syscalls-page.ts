/** `npm run docs`: writes `docs/syscalls.md`. */
import { writeFileSync } from 'node:fs';
import { surfacePage } from './syscall-surface.ts';

writeFileSync(new URL('../../../docs/syscalls.md', import.meta.url), surfacePage());
