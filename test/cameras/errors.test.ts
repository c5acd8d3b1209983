/**
 * What a client's mistakes are answered with, through the door; test/transcripts/errno.test.ts asks the same
 * questions without it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, needs, runUsercam } from '../support/door.ts';
import { goldenSection, questionsOf } from '../support/errno-words.ts';

async function agree(kind: string, camera: string, sections: readonly string[]): Promise<void> {
  const expected = sections.flatMap(goldenSection);
  const input = questionsOf(expected).join('\n').concat('\n');
  const options = { cameras: [camera], input };
  const result = await runUsercam([client('errno'), '/dev/video0', kind], options);
  assert.equal(result.stderr, '');
  assert.deepEqual(result.text.split('\n').slice(0, -1), expected);
  assert.equal(result.code, 0);
}

test('each mistake with vivi gets the errno of the kernel', needs(['gcc']), () =>
  agree('capture', 'vivi', ['capture', 'only through the door']),
);

test('each mistake with the output node of loopback gets the errno of the kernel', needs(['gcc']), () =>
  agree('output', 'loopback', ['output']),
);

test('each mistake with vivi-mplane gets the errno of the kernel', needs(['gcc']), () =>
  agree('mplane', 'vivi-mplane', ['mplane']),
);

test('a file that can be mapped serves where a dma-buf is wanted', needs(['gcc']), () =>
  agree('capture', 'vivi', ['ordinary file']),
);

test(
  'a list of controls answers EFAULT where it lies, or points, in memory that its program may not read',
  needs(['gcc']),
  async () => {
    const result = await runUsercam([client('unreadable')]);
    assert.equal(result.stderr, '');
    assert.equal(result.code, 0);
  },
);
