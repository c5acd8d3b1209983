/** `npm run docs`: writes the pages of `docs/` that are generated. */
import { writeFileSync } from 'node:fs';
import { picturePages } from '../pictures/pictures.ts';
import { bufferStatesPage } from './buffer-states-page.ts';
import { isUsable } from './needs.ts';
import { surfacePage } from './syscall-surface.ts';
import { tracePage } from './trace-page.ts';

const write = (name: string, page: string | Uint8Array) =>
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), page);

write('syscalls.md', surfacePage());
write('buffer-states.md', bufferStatesPage());
if (isUsable('v4l2-ctl')) {
  write('trace-example.md', await tracePage());
  for (const [name, bytes] of await picturePages()) write(name, bytes);
} else
  console.log(
    'docs/trace-example.md and docs/pictures are left as they are: there is no v4l2-ctl (install v4l-utils)',
  );
