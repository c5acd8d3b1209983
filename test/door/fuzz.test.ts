/**
 * Ioctls at random from a real process: no crash, no hang, nothing written where nothing was asked for, and always an error
 * that exists. `npm run fuzz` makes a million of them, with other seeds each time; a failure names its seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, needs, runUsercam } from '../support/door.ts';

const COUNT = Number(process.env.USERCAM_TEST_FUZZ ?? 20_000);
const isLong = process.env.USERCAM_TEST_FUZZ !== undefined;
const SEED = isLong ? process.pid : 1;
const SECONDS = 600;

const cameras = ['vivi', 'vivi,crop=yes', 'webcam', 'vivi-mplane', 'm2m', 'skeleton', 'loopback'];

for (const camera of cameras)
  test(`${camera} answers whatever is asked`, needs(['gcc'], SECONDS), async () => {
    const count = `${Math.ceil(COUNT / cameras.length)}`;
    const command = [client('fuzz'), '/dev/video0', `${SEED}`, count];
    const result = await runUsercam(command, { cameras: [camera] });
    assert.deepEqual([result.text, result.stderr, result.code], [`${count}\n`, '', 0], command.join(' '));
  });
