/** What becomes of those who sleep in a camera, and of what they have of it, when it is unplugged. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { client, leftovers, needs, root, scratch, start } from '../support/door.ts';

const host = fileURLToPath(new URL('../support/unplug-host.js', import.meta.url));
/** Its first node has a control, its fourth one frames by command only. */
const camera = './test/transcripts/measuring/measuring.ts';

test(
  'everybody who sleeps in a camera wakes when it is unplugged; mappings stay, its number is free after the last close',
  needs(['gcc']),
  async () => {
    const fifo = join(scratch(), 'fifo');
    spawnSync('mkfifo', [fifo]);
    const command = [process.execPath, host, camera, fifo, client('unplugged'), fifo];
    const running = start(command, { cwd: root });
    const result = await running.end;
    assert.equal(result.stderr, '');
    const said = result.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      said.find(({ role }) => role === 'host'),
      { role: 'host', node: '/dev/video0', whileOpen: ['/dev/video1'], afterwards: ['/dev/video0'] },
    );
    assert.equal(said.find(({ wrong }) => wrong !== undefined)?.wrong, 0);
    assert.equal(result.code, 0);
    assert.deepEqual(leftovers(running.temporary), []);
  },
);
