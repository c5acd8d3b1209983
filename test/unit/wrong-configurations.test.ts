/** What may stand in a configuration, and what is said of all else. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as valibot from 'valibot';
import { CameraSpecError, drivers } from '../../src/drivers/index.ts';
import { checkConfig } from '../../src/session/config-schema.ts';
import type { UsercamConfig } from '../../src/session/config-types.ts';
import { errorsPage } from '../support/errors-page.ts';
import { wrongConfigs } from '../support/mistakes/configs.ts';

const page = new URL('../../../docs/errors.md', import.meta.url);
const FILE = './usercam.config.ts';

const check = (config: unknown) => checkConfig(valibot, config, drivers, FILE);

for (const { config, says } of wrongConfigs)
  test(`a configuration says what is wrong and how to mend it: ${JSON.stringify(config)}`, () => {
    assert.throws(() => check(config), new CameraSpecError(`${FILE}: ${says}`));
  });

test('a configuration is described in the words of --camera', () => {
  const config: UsercamConfig = {
    cameras: [
      'vivi,fps=60, size=320x240',
      { camera: 'vivi', size: '640x480', fps: 29.97, read: false, limit: 1048576, name: undefined },
      { camera: 'webcam', source: 'qr:Hello, world', loop: 'no', driver: 'v4l2 loopback', readers: 'many' },
      { camera: 'm2m', time: 40 },
    ],
  };
  assert.deepEqual(
    check(config).map(({ word, driver, settings }) => [word, driver.name, settings]),
    [
      [
        'vivi',
        'vivi',
        [
          ['fps', '60'],
          ['size', '320x240'],
        ],
      ],
      [
        'vivi',
        'vivi',
        [
          ['size', '640x480'],
          ['fps', '29.97'],
          ['read', 'no'],
          ['limit', '1048576'],
        ],
      ],
      [
        'webcam',
        'webcam',
        [
          ['source', 'qr:Hello, world'],
          ['loop', 'no'],
          ['driver', 'v4l2 loopback'],
          ['readers', 'many'],
        ],
      ],
      ['m2m', 'm2m', [['time', '40']]],
    ],
  );
});

test('what a driver that is not known here has thrown by mistake is told when the camera is made', () => {
  const vivi = drivers.find('vivi');
  assert.ok(vivi);
  const broken = {
    ...vivi.settings.size,
    read: (): never => {
      throw new TypeError('of mine');
    },
  };
  const settings = { ...vivi.settings, size: broken };
  const finder = { names: ['mine'], find: () => ({ ...vivi, settings }) } as unknown as typeof drivers;
  const [camera] = checkConfig(valibot, { cameras: [{ camera: 'mine', size: '1x1' }] }, finder, FILE);
  assert.deepEqual(camera?.settings, [['size', '1x1']]);
});

test('docs/errors.md is what the tables say: else run npm run docs', {
  skip: !existsSync(page) && 'no docs here',
}, () => {
  assert.equal(readFileSync(page, 'utf8'), errorsPage());
});
