/** What a client's mistakes are answered with, through the door. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, needs, root, runUsercam } from '../support/door.ts';

test('each mistake gets the errno of the kernel', needs(['gcc']), async () => {
  const result = await runUsercam([client('errno')]);
  const golden = readFileSync(join(root, 'test', 'door', 'errno.golden.txt'), 'utf8');
  assert.deepEqual(result.text.split('\n'), golden.split('\n'));
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
});
