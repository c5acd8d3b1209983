/** `npm run docs`: writes the pages of `docs/` that are generated. */
import { writeFileSync } from 'node:fs';
import { bufferStatesPage } from './buffer-states-page.ts';
import { surfacePage } from './syscall-surface.ts';

const write = (name: string, text: string) =>
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), text);

write('syscalls.md', surfacePage());
write('buffer-states.md', bufferStatesPage());
