import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Activity } from '../../src/session/activity.ts';
import { deviceWith, querycap } from '../support/device-with.ts';

test('Activity forgets what somebody waits for who has gone, and nobody else’s', () => {
  const { vdev } = deviceWith(querycap);
  const activity = new Activity();
  const heard: string[] = [];
  const wait = (name: string, asker: number) =>
    activity.wait(
      vdev,
      { kind: 'streaming' },
      { asker, met: () => heard.push(`${name} met`), refuse: (why) => heard.push(`${name} ${why}`) },
    );
  wait('first', 1);
  wait('second', 2);
  wait('third', 1);
  activity.abandon(1);
  const gone = 'is waited for by nobody any more';
  assert.deepEqual(heard.splice(0), [`first ${gone}`, `third ${gone}`]);
  activity.abandon(1);
  activity.removed(vdev);
  assert.deepEqual(heard, ['second was unplugged while it was waited for']);
});
