/** `--camera ./my-camera.ts`: drivers out of files, right ones and wrong ones. */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomeOf } from '../support/compliance.ts';
import { needs, type Result, root, runUsercam, scratch } from '../support/door.ts';

/** A directory with these files, and the example. */
function directoryWith(files: Readonly<Record<string, string>> = {}): string {
  const directory = scratch();
  cpSync(join(root, 'examples', 'my-camera.ts'), join(directory, 'my-camera.ts'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** The example with `change` made to it before it is used. */
const changed = (change: string) => `
import type { VideoDevice } from 'usercam';
import example from './my-camera.ts';

export default {
  ...example,
  create(...args: Parameters<typeof example.create>) {
    const [device] = example.create(...args) as [VideoDevice];
    const ops = device.ioctlOps as Record<string, unknown>;
    ${change}
    return [device];
  },
};
`;

function assertRefused(result: Result, sentence: string): void {
  assert.deepEqual([result.stderr, result.text, result.code], [`usercam: ${sentence}\n`, '', 2]);
}

test('a driver out of a file in TypeScript is compliant', needs(['v4l2-compliance']), async () => {
  const cameras = ['./my-camera.ts,size=320x240,color=teal,name=Mine'];
  const command = ['v4l2-compliance', '-s', '-d', '/dev/video0'];
  const result = await runUsercam(command, { cwd: directoryWith(), cameras });
  assert.match(result.text, /Card type +: Mine/);
  assert.deepEqual(outcomeOf(result.text, true).notable, [], result.text);
  assert.deepEqual([result.stderr, result.code], ['', 0]);
});

test(
  'a driver out of a file in JavaScript, beside one of ours, shows what it paints',
  needs([]),
  async () => {
    const js = `import { createCamera, parseCamera } from 'usercam';
export default {
  name: 'plain',
  help: 'The skeleton, under another name.',
  settings: {},
  create: (_values, _common, surroundings) => [createCamera(parseCamera('skeleton'), surroundings)],
};`;
    for (const name of ['plain.js', 'plain.mjs']) {
      const cwd = directoryWith({ [name]: js });
      const cameras = ['./my-camera.ts', name];
      const command = ['sh', '-c', 'head -c 3 /dev/video0 | od -An -tu1; cat /sys/class/video4linux/*/name'];
      const result = await runUsercam(command, { cwd, cameras });
      assert.deepEqual([result.stderr, result.code], ['', 0]);
      assert.equal(result.text, ' 255 255 255\nmy-camera-000-vid-cap\nskeleton\n');
    }
  },
);

const wrong: readonly (readonly [name: string, text: string, sentence: RegExp])[] = [
  ['parse.ts', '\nconst size: = 3;\n', /^\.\/parse\.ts:2 cannot be read as a program: Unexpected token\.$/],
  ['parse.mjs', '\n\nlet x = ;\n', /^\.\/parse\.mjs:3 cannot be read as a program: Unexpected token\.$/],
  ['throw.ts', '\n\nnull!.x;\n', /^\.\/throw\.ts:3 throws while it is loaded: TypeError: .*null/],
  [
    'nothing.ts',
    'throw undefined;\n',
    /^\.\/nothing\.ts throws while it is loaded: undefined, which is no Error/,
  ],
  ['mute.ts', 'throw Object.create(null);\n', /^\.\/mute\.ts throws .*: a value of the type object, which/],
  ['exit.ts', '\nprocess.exit(3);\n', /^\.\/exit\.ts:2 throws while it is loaded: .*would end usercam/],
  [
    'none.ts',
    'export const camera = 1;\n',
    /^".*none\.ts" has no default export.*write export default defineDriver/,
  ],
  ['empty.ts', '', /has no default export/],
  ['seven.ts', 'export default 7;\n', /^The default export of ".*seven\.ts" is no driver: it is a number\.$/],
  [
    'shape.ts',
    'export default { name: "a", help: "", settings: {} };\n',
    /is no driver: it has no create\(\)/,
  ],
  ['named.ts', 'export default { name: "No Name" };\n', /"No Name" cannot be the name of a driver: use a-z/],
  [
    'setting.ts',
    'export default { name: "a", help: "", settings: { size: 1 }, create() {} };\n',
    /its setting "size" is none: use sizeSetting/,
  ],
  [
    'deep.ts',
    '\nimport "./nowhere.ts";\n',
    /^\.\/deep\.ts:2 imports "\.\/nowhere\.ts", which cannot be found: correct/,
  ],
  [
    'npm.ts',
    'import "left-pad-not";\n',
    /^\.\/npm\.ts:1 imports "left-pad-not", which .*npm install left-pad-not\.$/,
  ],
  [
    'never.ts',
    'await new Promise(() => {});\n',
    /^\.\/never\.ts never ends to load: what it awaits does not come; take that out\.$/,
  ],
  ['create.ts', changed('null!.x;'), /^\.\/create\.ts:10 throws in create\(\): TypeError/],
  ['devices.ts', changed('return [];'), /^create\(\) of .*devices\.ts makes no device: return an array/],
  [
    'querycap.ts',
    changed('ops.vidioc_querycap = () => null!.x;'),
    /^\.\/querycap\.ts:10 throws in vidioc_querycap\(\): TypeError/,
  ],
];

for (const [name, text, sentence] of wrong)
  test(
    `a driver that cannot be one is refused in one sentence with its place: ${name}`,
    needs([]),
    async () => {
      const result = await runUsercam(['echo', 'started'], {
        cwd: directoryWith({ [name]: text }),
        cameras: [`./${name}`],
      });
      assert.match(result.stderr, /^usercam: [^\n]+\n$/);
      assert.match(result.stderr.slice('usercam: '.length, -1), sentence);
      assert.deepEqual([result.text, result.code], ['', 2]);
    },
  );

const choice =
  'choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, or the file of a driver, such as ./my-camera.ts.';

test('what is no file of a driver is refused in one sentence with its mend', needs([]), async () => {
  const cwd = directoryWith({ 'clip.mp4': '' });
  const refuse = (camera: string) => runUsercam(['echo', 'started'], { cwd, cameras: [camera] });
  assertRefused(await refuse('./mine.ts'), `There is no file "./mine.ts" in ${cwd}: ${choice}`);
  assertRefused(await refuse('mine.ts,size=1x1'), `There is no file "mine.ts" in ${cwd}: ${choice}`);
  assertRefused(await refuse('./'), '"./" is a directory: name the file of the driver in it.');
  assertRefused(
    await refuse('./clip.mp4'),
    `"./clip.mp4" is no driver, whose file ends in .ts, .js or .mjs: ${choice}`,
  );
  assertRefused(
    await refuse('/dev/video0'),
    `A camera of usercam is made by a driver, and "/dev/video0" is a device: ${choice}`,
  );
});

test('settings of a driver out of a file are explained as ours are', needs([]), async () => {
  const refuse = (camera: string) =>
    runUsercam(['echo', 'started'], { cwd: directoryWith(), cameras: [`./my-camera.ts,${camera}`] });
  assertRefused(await refuse('color=red'), 'color=red is not possible: choose one of orange, teal.');
  assertRefused(
    await refuse('colour=teal'),
    'The driver my-camera does not know "colour": did you mean color?',
  );
});

test(
  'what a driver throws is reported with its line, and its program goes on',
  needs(['v4l2-ctl']),
  async () => {
    const driver = changed('ops.vidioc_g_fmt_vid_cap = () => null!.x;');
    const options = { cwd: directoryWith({ 'bad.ts': driver }), cameras: ['./bad.ts'] };
    const script = 'v4l2-ctl -V; v4l2-ctl -V; head -c 3 /dev/video0 | od -An -tu1';
    const result = await runUsercam(['sh', '-c', script], options);
    assert.equal(result.text.split('\n').at(-2), ' 255 255 255');
    const reports = result.stderr.split('\n').filter((line) => line.startsWith('usercam: '));
    assert.equal(reports.length, 1, result.stderr);
    assert.match(reports[0] as string, /^usercam: driver bug: .*TypeError/);
    assert.match(result.stderr, /bad\.ts:10:/);
    assert.doesNotMatch(result.stderr, /kernel-worker/);
  },
);

test('what a driver prints goes to standard error', needs([]), async () => {
  const driver = changed("console.log('made', 1);");
  const options = { cwd: directoryWith({ 'talk.ts': driver }), cameras: ['./talk.ts'] };
  const result = await runUsercam(['echo', 'started'], options);
  assert.deepEqual([result.text, result.stderr, result.code], ['started\n', 'made 1\n', 0]);
});
