import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { ownThread, processWork, threadWork } from '../../src/linux/thread-work.ts';

/** Keeps this thread at work for so many nanoseconds of a processor. */
function work(ns: number): void {
  for (const end = threadWork(ownThread()).ran + ns; threadWork(ownThread()).ran < end; );
}

test('threadWork and processWork count what a thread does, and know nothing of who has ended', async () => {
  const sleeper = spawn('sleep', ['1000']);
  const pid = sleeper.pid ?? 0;
  const before = processWork(process.pid);
  work(20e6);
  assert.ok(processWork(process.pid).ran - before.ran >= 20e6);
  assert.equal(threadWork(ownThread()).isAtDisk, false);
  sleeper.kill();
  await once(sleeper, 'exit');
  assert.deepEqual(
    processWork(pid),
    { ran: 0, waited: 0, isAtDisk: false },
    'of who has ended nothing is known',
  );
});
