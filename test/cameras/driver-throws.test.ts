/** Drivers that throw what is no Error, when nobody has called them. In a file of its own: Bun ends a thread for that by itself. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs, runUsercam, scratch } from '../support/door.ts';

const throwing = (thrown: string) => `import { createCamera, parseCamera } from 'usercam';
setTimeout(() => { throw ${thrown}; }, 1);
Promise.reject(${thrown});
export default {
  name: 'bad',
  help: 'vivi, with something beside it that throws.',
  settings: {},
  create: (_values, _common, surroundings) => [createCamera(parseCamera('vivi'), surroundings)],
};`;

for (const thrown of ['undefined', 'null', "'text'", 'Object.create(null)', '{ code: 3 }'])
  test(`a driver that throws ${thrown} is told of, and its program goes on`, needs([]), async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'bad.js'), throwing(thrown));
    const script = 'sleep 0.1; head -c 3 /dev/video0 | wc -c';
    const result = await runUsercam(['sh', '-c', script], { cwd, cameras: ['./bad.js'] });
    assert.deepEqual([result.text.trim(), result.code], ['3', 0], result.stderr);
    assert.match(result.stderr, /^usercam: driver bug: something outside of all calls threw: .*no Error/m);
    assert.doesNotMatch(result.stderr, /kernel-worker/);
  });
