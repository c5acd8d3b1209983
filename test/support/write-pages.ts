/** `npm run docs`: writes the pages of `docs/` that are generated. */
import { writeFileSync } from 'node:fs';
import { anatomyPage } from './anatomy-page.ts';
import { bufferStatesPage } from './buffer-states-page.ts';
import { ioctlsPage } from './ioctls-page.ts';
import { kernelMapPage } from './kernel-map-page.ts';
import { replayedPage } from './kernel-transcripts-page.ts';
import { isUsable } from './needs.ts';
import { surfacePage } from './syscall-surface.ts';
import { tracePage } from './trace-page.ts';

const write = (name: string, text: string) =>
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), text);

write('syscalls.md', surfacePage());
write('anatomy-of-a-driver.md', anatomyPage());
write('buffer-states.md', bufferStatesPage());
write('ioctls.md', ioctlsPage());
write('kernel-map.md', kernelMapPage());
if (isUsable('v4l2-ctl')) write('trace-example.md', await tracePage());
else console.log('docs/trace-example.md is left as it is: there is no v4l2-ctl (install v4l-utils)');
if (isUsable('gcc')) write('kernel-transcripts.md', await replayedPage());
else console.log('docs/kernel-transcripts.md is left as it is: there is no gcc');
