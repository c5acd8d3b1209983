/** A driver from anywhere: it is registered, named, set and made as ours are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../src/base/timers.ts';
import {
  builtInDrivers,
  type CameraCommon,
  CameraSpecError,
  choiceSetting,
  createCameras,
  DriverRegistry,
  defineDriver,
  fillCapability,
  numberSetting,
  parseCamera,
  type Setting,
  textSetting,
} from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { VideoDevice } from '../../src/v4l2-core/index.ts';

const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 4 };

/** A driver that answers only what it is, and tells what it was made with. */
function radio() {
  const made: unknown[] = [];
  const module = defineDriver({
    name: 'test-radio',
    help: 'A radio that receives nothing.',
    settings: {
      band: choiceSetting(['fm', 'am'], 'What it receives.'),
      volume: numberSetting({ default: 5, min: 0, max: 11, unit: 'steps', example: 7 }, 'How loud it is.'),
    },
    readers: ['one', 'many'],
    card: ({ band }, instance) => `Radio ${band} ${instance}`,
    create({ band, volume }, common) {
      made.push({ band, volume, readers: common.readers });
      const ioctlOps = {
        vidioc_querycap: (_file: unknown, _fh: unknown, cap: Parameters<typeof fillCapability>[0]) =>
          fillCapability(cap, common.identity),
      };
      const { label } = common.identity;
      return [
        new VideoDevice<CameraCommon>({
          name: label,
          deviceCaps: 1,
          ioctlOps,
          fops: {},
          drvdata: common,
        }) as VideoDevice,
      ];
    },
  });
  const registry = builtInDrivers();
  registry.register(module);
  return { registry, made };
}

test('a registered driver is made with its own settings and what every camera has', () => {
  const { registry, made } = radio();
  const [vdev] = createCameras(parseCamera('test-radio,volume=11,readers=many', registry), surroundings);
  assert.deepEqual(made, [{ band: 'fm', volume: 11, readers: 'many' }]);
  const { driver, card, bus_info } = (vdev as VideoDevice).querycap();
  assert.deepEqual([driver, card, bus_info], ['test-radio', 'Radio fm 4', 'platform:test-radio-004']);
});

test('a registered driver is told wrong settings in the same words as ours', () => {
  const { registry } = radio();
  for (const [text, message] of [
    ['test-radio,volume=12', 'volume=12 is not possible: write steps, 0 to 11.'],
    ['test-radio,band=lw', 'band=lw is not possible: choose one of fm, am.'],
    [
      'test-radio,vol',
      'The driver test-radio does not know "vol": its settings are band, volume, name, driver, bus, readers.',
    ],
    ['test-radoi', 'There is no driver "test-radoi": did you mean test-radio?'],
  ] as const)
    assert.throws(() => parseCamera(text, registry), new CameraSpecError(message));
});

test('registering says what is wrong with a module', () => {
  const valid = { name: 'valid', help: '', settings: {}, create: () => [] };
  const register = (change: object) => () => builtInDrivers().register({ ...valid, ...change });
  register({})();
  assert.throws(register({ name: 'Not, valid' }), RangeError);
  assert.throws(register({ name: 'vivi' }), new RangeError('There is a driver "vivi" already.'));
  const name = textSetting({ example: 'x', maxBytes: 4 }, '');
  assert.throws(
    register({ settings: { name } }),
    new RangeError('The driver valid cannot have a setting "name": every camera has one.'),
  );
  const bad: Setting = { ...numberSetting({ default: 9, min: 0, max: 5, unit: 'steps', example: 1 }, '') };
  assert.throws(register({ settings: { bad } }), CameraSpecError);
});

test('an empty registry names no driver', () => {
  assert.deepEqual(new DriverRegistry().names, []);
});

test('every setting of every driver is described well enough for help', () => {
  for (const { name, help, settings } of builtInDrivers().all) {
    assert.match(help, /^[A-Z].*\.$/, name);
    for (const [key, setting] of Object.entries(settings)) {
      const what = `${name} ${key}`;
      assert.match(setting.help, /^[A-Z].*\.$/, what);
      assert.ok(setting.values.length > 0, what);
      for (const text of [setting.default, setting.example])
        if (text !== undefined) setting.read(text, key, name);
      if (typeof setting.values !== 'string')
        for (const value of setting.values) setting.read(value, key, name);
    }
  }
});
