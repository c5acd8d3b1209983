/** What programs may do with a descriptor of a camera that has nothing to do with cameras. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, json, needs, type Result, runUsercam } from '../support/door.ts';

function assertRight(result: Result): void {
  assert.equal(result.stderr, '');
  assert.equal(json(result).wrong, 0);
  assert.equal(result.code, 0);
}

const questions = {
  arguments: 'what is wrong with a call is told in the order in which the kernel looks at it',
  numbers: 'a copy has the number that shells count on',
  owner: 'who is made the owner of a camera gets no signals of its poll face',
  hints: 'a hint of how long what is written lives is of the node, and for its owner',
  streams: 'as a standard stream a camera is no socket',
  flags: 'F_GETFL tells how a camera was opened',
};

for (const [mode, title] of Object.entries(questions))
  test(title, needs(['gcc']), async () => {
    assertRight(await runUsercam([client('descriptors'), mode]));
  });
