/** A session without a command line: cameras come and go while programs use them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { client, leftovers, needs, start } from '../support/door.ts';

const host = fileURLToPath(new URL('../support/session-host.js', import.meta.url));
const ROUNDS = 1000;
/** Of files that are still open each holds a number: those of three programs, and one more. */
const HIGHEST_NODE = 5;
const GROWN_MEGABYTES = 64;

const script = `
for role in list stream poll stay; do
  "$1" $role &
  pids="$pids $!"
done
trap 'kill $pids' TERM
status=0
for pid in $pids; do
  while kill -0 $pid 2>/dev/null; do wait $pid || last=$?; done
done
exit $status
`;

type Words = Record<string, unknown>;
type Counts = Record<string, number>;

/** The lines of JSON that the host and the programs have said, by their roles. */
function byRole(text: string): Record<string, Words> {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return Object.fromEntries(
    lines.map((line) => JSON.parse(line) as Words).map((said) => [said.role as string, said]),
  );
}

test(
  `${ROUNDS} cameras come and go while programs list, open, stream and poll: no wrong answer, and nothing is left`,
  needs(['gcc']),
  async () => {
    const command = ['sh', '-c', script, 'sh', client('plug')];
    const running = start([process.execPath, host, String(ROUNDS), ...command], { seconds: 300 });
    const result = await running.end;
    assert.deepEqual([result.stderr, result.code], ['', 0], result.text);
    const said = byRole(result.text);
    for (const role of ['list', 'stream', 'poll', 'stay']) assert.equal(said[role]?.wrong, 0, role);
    for (const role of ['stream', 'poll']) {
      assert.ok((said[role]?.frames as number) > 0, result.text);
      assert.ok((said[role]?.unplugged as number) > 0, result.text);
    }
    assert.ok((said.list?.gone as number) > 0, result.text);
    const { before, after, ...rest } = said.host as { before: Counts; after: Counts } & Words;
    const { megabytes: grownFrom = 0, ...heldBefore } = before;
    const { megabytes: grownTo = 0, ...heldAfter } = after;
    for (const [what, count] of Object.entries(heldAfter))
      assert.ok(count <= (heldBefore[what] ?? 0), `${what}: ${heldBefore[what]} have become ${count}`);
    assert.ok(grownTo - grownFrom < GROWN_MEGABYTES, `${grownFrom} MB have become ${grownTo}`);
    assert.ok((rest.highest as number) <= HIGHEST_NODE, `/dev/video${rest.highest} was given`);
    assert.deepEqual(rest.ready, ['/dev/video0']);
    assert.deepEqual(rest.cameras, [{ spec: 'vivi,size=320x240', nodes: ['/dev/video0'] }]);
    assert.equal(rest.refused, 'there is no camera /dev/video99; there are /dev/video0');
    assert.deepEqual(leftovers(running.temporary), []);
  },
);
