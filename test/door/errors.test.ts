/**
 * What a client's mistakes are answered with, through the door; test/transcripts/errno.test.ts asks the same
 * questions without it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, needs, runUsercam } from '../support/door.ts';
import { goldenSection, questionsOf } from '../support/errno-client.ts';

const cameras = { capture: 'vivi', output: 'loopback', mplane: 'vivi-mplane' } as const;
const onlyHere: Readonly<Record<string, readonly string[]>> = { capture: ['only through the door'] };

for (const [kind, camera] of Object.entries(cameras)) {
  test(`each mistake with ${camera} gets the errno of the kernel`, needs(['gcc']), async () => {
    const expected = [kind, ...(onlyHere[kind] ?? [])].flatMap(goldenSection);
    const input = questionsOf(expected).map((line) => `${line}\n`).join('');
    const options = { cameras: [camera], input };
    const result = await runUsercam([client('errno'), '/dev/video0', kind], options);
    assert.equal(result.stderr, '');
    assert.deepEqual(result.text.split('\n').slice(0, -1), expected);
    assert.equal(result.code, 0);
  });
}
