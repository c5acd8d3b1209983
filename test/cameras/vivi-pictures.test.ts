/** The pictures of docs/vivi.md are what the camera shows now. Who has changed it looks at them after `npm run docs`. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kept, pictures, take } from '../pictures/pictures.ts';
import { needs, root } from '../support/door.ts';

for (const picture of pictures)
  test(`docs/pictures/${picture.name}.png is what a program gets`, needs(['v4l2-ctl']), async () => {
    const { pixels, size } = kept(picture);
    assert.deepEqual(size, picture.size);
    assert.ok(Buffer.from(pixels).equals(await take(picture)), 'another picture: look at it, npm run docs');
  });

test('docs/pictures has these pictures and no others', needs([]), () => {
  const names = pictures.map(({ name }) => `${name}.png`);
  assert.deepEqual(readdirSync(join(root, 'docs', 'pictures')).sort(), names.sort());
});
