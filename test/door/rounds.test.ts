/** Sessions that begin and end, and are killed, leave nothing. `npm run rounds` goes further. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Holdings } from '../rounds/holdings.ts';
import { json, needs, run } from '../support/door.ts';

const program = fileURLToPath(new URL('../rounds/main.js', import.meta.url));

/** Each round starts and ends many processes. */
const HANG_SECONDS = 300;

/** `rounds` more after one of each way. */
async function left(rounds: number, ways: string): Promise<Holdings> {
  const result = await run([process.execPath, program, String(rounds), '2', ways], { seconds: HANG_SECONDS });
  assert.equal(result.code, 0, `${result.stderr}\n${result.text}`);
  return (json(result) as unknown as { after: Holdings }).after;
}

const NOTHING = { processes: 0, names: 0, memfds: 0, files: 0 };

test(
  'sessions end, and their programs, daemon or owner are killed, and nothing is left',
  needs([], HANG_SECONDS),
  async () => {
    const { descriptors, sockets, ...rest } = await left(4, 'end,client,daemon,owner');
    assert.deepEqual(rest, NOTHING);
  },
);

test('the source of a camera is killed, and nothing is left', needs(['ffmpeg'], HANG_SECONDS), async () => {
  const { descriptors, sockets, ...rest } = await left(1, 'source');
  assert.deepEqual(rest, NOTHING);
});
