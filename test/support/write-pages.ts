/** `npm run docs`: writes the pages of `docs/` that are generated. */
import { writeFileSync } from 'node:fs';
import { picturePages } from '../pictures/pictures.ts';
import { anatomyPage } from './anatomy-page.ts';
import { apiPage } from './api-page.ts';
import { bufferStatesPage } from './buffer-states-page.ts';
import { errorsPage } from './errors-page.ts';
import { ioctlsPage } from './ioctls-page.ts';
import { kernelMapPage } from './kernel-map-page.ts';
import { replayedPage } from './kernel-transcripts-page.ts';
import { isUsable } from './needs.ts';
import { surfacePage } from './syscall-surface.ts';
import { tracePage } from './trace-page.ts';

const write = (name: string, page: string | Uint8Array) =>
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), page);

write('api.md', apiPage());
write('syscalls.md', surfacePage());
write('anatomy-of-a-driver.md', anatomyPage());
write('buffer-states.md', bufferStatesPage());
write('ioctls.md', ioctlsPage());
write('kernel-map.md', kernelMapPage());
write('errors.md', errorsPage());
if (isUsable('v4l2-ctl')) {
  write('trace-example.md', await tracePage());
  for (const [name, bytes] of await picturePages()) write(name, bytes);
} else {
  const left = 'docs/trace-example.md and docs/pictures are left as they are';
  console.log(`${left}: there is no v4l2-ctl (install v4l-utils)`);
}
if (isUsable('gcc')) write('kernel-transcripts.md', await replayedPage());
else console.log('docs/kernel-transcripts.md is left as it is: there is no gcc');
