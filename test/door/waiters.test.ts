/** Who waits for events and who waits for frames, of one descriptor. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, json, needs, runUsercam, scratch } from '../support/door.ts';

/** A camera with an event at each S_INPUT, whose queue fails at the first LOG_STATUS, and which is gone at the second. */
const driver = `
import {
  captureNode, captureOps, defineDriver, formatsNamed, memOpsOf, oneInputOps, usualLimits,
  v4l2_event, v4l2EventQueue, v4l2EventUnsubscribe, v4l2SrcChangeEventSubscribe, V4L2_EVENT_SOURCE_CHANGE,
} from 'usercam';

export default defineDriver({
  name: 'events',
  help: 'A camera with events.',
  settings: {},
  create(_values, common, { clock, pages }) {
    const formats = formatsNamed('RGB24');
    const event = v4l2_event.make();
    let failed = false;
    event.type = V4L2_EVENT_SOURCE_CHANGE;
    const node = captureNode(
      {
        ...common, formats, format: formats[0], limits: usualLimits, own: undefined, clock,
        size: { width: 160, height: 120 }, rate: { timeperframe: { numerator: 1, denominator: 60 }, unpaced: false },
        memOps: memOpsOf('vmalloc', pages), readwrite: true, isMultiplanar: false,
        createSource: (shape) => ({ shape, fill() {} }),
      },
      (queueOf) => ({
        ...captureOps(queueOf), ...oneInputOps,
        vidioc_subscribe_event: (_file, fh, sub) => v4l2SrcChangeEventSubscribe(fh, sub),
        vidioc_unsubscribe_event: (_file, fh, sub) => v4l2EventUnsubscribe(fh, sub),
        vidioc_s_input: () => v4l2EventQueue(node, event),
        vidioc_log_status: () => (failed ? node.vanish() : node.queue.error(), failed = true, undefined),
      }),
    );
    return [node];
  },
});
`;

test(
  'who waits for events sleeps until there is one or the device goes, and who waits for frames is told of errors',
  needs(['gcc']),
  async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'events.ts'), driver);
    const result = await runUsercam([client('waiters')], { cwd, cameras: ['./events.ts'], seconds: 120 });
    assert.equal(result.stderr, '');
    assert.equal(json(result).wrong, 0);
    assert.equal(result.code, 0);
  },
);

test(
  'who sleeps until there is an event hears of it also while another thread maps',
  needs(['gcc'], 60),
  async () => {
    const result = await runUsercam([client('event-while-mapping')], {
      cameras: ['vivi,read=no'],
      seconds: 60,
    });
    assert.equal(result.stderr, '');
    assert.equal(json(result).wrong, 0);
    assert.equal(result.code, 0);
  },
);
