/** A program is told of what another one does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, needs, runUsercam } from '../support/door.ts';

const script = `
mkfifo ready
"$1" set < ready &
"$1" wait > ready
waited=$?
wait $!
exit $((10 * $? + waited))
`;

test(
  'who waits for a control in select, poll, epoll or DQEVENT wakes when another program sets it, who is told nothing',
  needs(['gcc']),
  async () => {
    const result = await runUsercam(['sh', '-c', script, 'sh', client('telling')]);
    assert.deepEqual(result.stderr.split('\n').sort(), [
      '',
      'set: 24 answers, 0 wrong',
      'wait: 27 answers, 0 wrong',
    ]);
    assert.equal(result.code, 0);
  },
);
