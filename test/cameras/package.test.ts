/** The package as it is published: packed, installed beside a project of somebody else, compiled against, run. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { outcomeOf } from '../support/compliance.ts';
import { needs, root, run, scratch } from '../support/door.ts';
import { installedIn, installIn, manifestIn } from '../support/installed.ts';

const project = scratch();
const installed = installedIn(project);
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const npm = needs(['npm']);
const complying = needs(['npm', 'v4l2-compliance']);
/** The copy in which tests run as an ordinary user has what is published, and the compiler is not. */
const compiling =
  npm.skip || existsSync(compiler) ? npm : { ...npm, skip: 'not usable here: the TypeScript compiler' };
before(async () => {
  if (npm.skip !== false && complying.skip !== false) return;
  await installIn(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'mine', type: 'module' }));
  writeFileSync(join(project, 'skeleton.ts'), copyOfSkeleton());
  writeFileSync(join(project, 'usercam.config.ts'), CONFIG);
  cpSync(join(root, 'examples', 'my-camera.ts'), join(project, 'my-camera.ts'));
});

/** The lesson of the sources, as somebody copies it: everything comes from one place. */
function copyOfSkeleton(): string {
  const text = readFileSync(join(root, 'src', 'drivers', 'skeleton', 'skeleton.ts'), 'utf8');
  const copy = text.replaceAll(/from '\.\.?\/[^']+'/g, "from 'usercam'");
  assert.match(copy, /from 'usercam'/);
  return `${copy}\nexport default skeletonDriver;\n`;
}

/** What the types of a configuration let pass, and what not. */
const CONFIG = `import { type CameraConfig, defineConfig } from 'usercam';

export const wrong: readonly CameraConfig[] = [
  // @ts-expect-error: a size is no number
  { camera: 'vivi', size: 640 },
  // @ts-expect-error: no such memory
  { camera: 'vivi', memory: 'disk' },
  // @ts-expect-error: no such setting
  { camera: 'skeleton', fps: 30 },
  // @ts-expect-error: no such driver
  { camera: 'vivid' },
];
export default defineConfig({
  cameras: [
    'vivi,size=640x480',
    { camera: 'vivi', size: '640x480', fps: 60, format: 'UYVY', memory: 'dma-sg', read: false, limit: '16M' },
    { camera: 'webcam', source: 'qr:Hello', fit: 'cover', loop: 'no', name: 'Front', readers: 'many' },
    { camera: './my-camera.ts', color: 'teal', size: '320x240' },
  ],
});
`;

async function compile(name: string, options: Readonly<Record<string, unknown>>): Promise<void> {
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: [],
    noEmit: true,
    ...options,
  };
  const config = join(project, `tsconfig.${name}.json`);
  writeFileSync(
    config,
    JSON.stringify({ compilerOptions, files: ['skeleton.ts', 'my-camera.ts', 'usercam.config.ts'] }),
  );
  const result = await run([process.execPath, compiler, '-p', config], { cwd: project });
  assert.deepEqual([result.text, result.code], ['', 0]);
}

test(
  'a copy of the skeleton compiles against the installed package, as strictly as can be',
  compiling,
  async () => {
    await compile('node16', { module: 'node16', moduleResolution: 'node16' });
    await compile('nodenext', { module: 'nodenext', moduleResolution: 'nodenext' });
    await compile('bundler', { module: 'esnext', moduleResolution: 'bundler' });
  },
);

test('the types are such that a resolver finds them which knows nothing of exports', npm, () => {
  const types = join(installed, 'dist', 'types');
  const texts = readdirSync(types, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  assert.ok(texts.length > 50);
  for (const name of texts) {
    const text = readFileSync(join(types, name), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
      assert.match(path, /\.js$/, name);
      assert.ok(existsSync(join(types, name, '..', path.replace(/\.js$/, '.d.ts'))), `${name}: ${path}`);
    }
  }
  assert.match(readFileSync(join(types, 'videobuf2', 'core', 'ops.d.ts'), 'utf8'), /\/\*\*/);
});

test('the copy is compliant through the installed command', complying, async () => {
  const command = [
    process.execPath,
    join(installed, 'bin', 'usercam.js'),
    'run',
    '--camera',
    './skeleton.ts',
  ];
  const compliance = ['v4l2-compliance', '-s', '-d', '/dev/video0'];
  const result = await run([...command, '--', ...compliance], { cwd: project });
  assert.deepEqual(outcomeOf(result.text, true).notable, [], result.text);
  assert.deepEqual([result.stderr, result.code], ['', 0]);
});

test('the installed command takes cameras out of a configuration', npm, async () => {
  const command = [
    process.execPath,
    join(installed, 'bin', 'usercam.js'),
    'run',
    '--replace',
    '--',
    'sh',
    '-c',
  ];
  const { text, stderr, code } = await run([...command, 'echo $USERCAM_DEVICES'], { cwd: project });
  assert.deepEqual([stderr, text, code], ['', '/dev/video0 /dev/video1 /dev/video2 /dev/video3\n', 0]);
});

test('the installed package tests a driver in process, on a virtual clock', npm, async () => {
  const script = `
import { Capture, createCamera, heapPages, parseCamera, Program, VideoDeviceRegistry, VirtualClock } from 'usercam';
const clock = new VirtualClock();
const vdev = createCamera(parseCamera('skeleton'), { clock, pages: heapPages, instance: 0 });
new VideoDeviceRegistry(clock).register(vdev);
const program = new Program();
const capture = new Capture(program, program.open(vdev));
capture.streamon();
clock.advance(200_000_000);
console.log(capture.dqbuf().sequence, capture.frame.length);
`;
  const result = await run([process.execPath, '--input-type=module', '-e', script], { cwd: project });
  assert.deepEqual([result.text, result.stderr], ['0 76800\n', '']);
});

test('the package has what it needs, and its sources in its source maps', npm, () => {
  const { dependencies, scripts } = manifestIn(installed);
  assert.deepEqual(Object.keys(dependencies).sort(), ['commander', 'jiti', 'koffi', 'qr', 'valibot']);
  assert.equal(scripts.prepare, undefined);
  const bundle = join(installed, 'dist', 'src', 'bundle');
  for (const name of readdirSync(bundle).filter((each) => each.endsWith('.js'))) {
    const map = JSON.parse(readFileSync(join(bundle, `${name}.map`), 'utf8')) as {
      readonly sources: readonly string[];
      readonly sourcesContent: readonly string[];
    };
    assert.equal(map.sourcesContent.length, map.sources.length);
    assert.ok(map.sourcesContent.every((text) => typeof text === 'string'));
    assert.ok(
      map.sources.some((source) => source.endsWith('.ts')),
      name,
    );
  }
});
