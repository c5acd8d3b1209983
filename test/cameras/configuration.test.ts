/** `usercam.config.ts`: cameras out of a file, for `run`, `up` and the API, and what becomes of them when it is saved. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  client,
  needs,
  type Result,
  root,
  run,
  runtime,
  runUsercam,
  scratch,
  start,
  until,
  usercam,
} from '../support/door.ts';
import { startSession } from '../support/library.ts';

/** Says which cameras there are. */
const NAMES = ['sh', '-c', 'echo $USERCAM_DEVICES; cat /sys/class/video4linux/*/name'];

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const ask = (cwd: string, ...words: string[]) => run([runtime, usercam, ...words], { cwd });

function assertNames({ text, stderr, code }: Result, nodes: string, ...names: readonly string[]): void {
  assert.deepEqual([stderr, text, code], ['', `${[nodes, ...names].join('\n')}\n`, 0]);
}

test('cameras are those of the configuration that is here, in every language', needs([]), async () => {
  const typescript = `import { defineConfig, type CameraConfig } from 'usercam';
import { front } from './cameras.ts';
const all: readonly CameraConfig[] = ['skeleton', { camera: 'vivi', name: front, fps: 5 }];
export default defineConfig({ cameras: all });
`;
  const ts = directoryWith({
    'usercam.config.ts': typescript,
    'cameras.ts': "export const front: string = 'Front, door';\n",
  });
  const options = ['run', '--replace', '--'];
  assertNames(await ask(ts, ...options, ...NAMES), '/dev/video0 /dev/video1', 'skeleton', 'vivi-001-vid-cap');
  const card = await ask(ts, ...options, 'sh', '-c', 'cat /sys/class/video4linux/video1/name');
  assert.equal(card.code, 0);
  for (const [name, text] of [
    ['usercam.config.json', '{ "cameras": ["skeleton"] }'],
    ['usercam.config.json', '\ufeff{ "cameras": ["skeleton"] }'],
    ['usercam.config.js', "export default { cameras: ['skeleton'] };"],
    ['usercam.config.mjs', "export default { cameras: [{ camera: 'skeleton' }] };"],
  ] as const)
    assertNames(await ask(directoryWith({ [name]: text }), ...options, ...NAMES), '/dev/video0', 'skeleton');
});

test('a camera that is named takes the place of those of the configuration', needs([]), async () => {
  const cwd = directoryWith({ 'usercam.config.json': '{ "cameras": ["skeleton", "skeleton"] }' });
  assertNames(await runUsercam(NAMES, { cwd, cameras: ['vivi'] }), '/dev/video0', 'vivi-000-vid-cap');
});

test('what a configuration prints goes to standard error', needs([]), async () => {
  const cwd = directoryWith({
    'usercam.config.mjs': "console.log('read'); export default { cameras: ['vivi'] };",
  });
  const { text, stderr, code } = await ask(cwd, 'run', '--', 'echo', 'started');
  assert.deepEqual([text, stderr, code], ['started\n', 'read\n', 0]);
});

test('paths in a configuration begin where it is', needs([]), async () => {
  const cwd = scratch();
  mkdirSync(join(cwd, 'test'));
  const config = {
    cameras: [
      { camera: './my-camera.ts', color: 'teal', name: 'Mine' },
      'webcam,source=./film.mp4',
      { camera: 'webcam', profile: 'mine.json' },
    ],
  };
  const profile = {
    card: 'Its own',
    usb: { vendor: '1d6b', product: '0102' },
    formats: [{ format: 'YUYV', sizes: [{ width: 320, height: 240, rates: [30] }] }],
    controls: [],
  };
  cpSync(join(root, 'examples', 'my-camera.ts'), join(cwd, 'test', 'my-camera.ts'));
  for (const [name, text] of Object.entries({
    'cameras.json': JSON.stringify(config),
    'film.mp4': '',
    'mine.json': `\ufeff${JSON.stringify(profile)}`,
  }))
    writeFileSync(join(cwd, 'test', name), text);
  const { text, stderr, code } = await ask(
    cwd,
    'run',
    '--replace',
    '--config',
    'test/cameras.json',
    '--',
    ...NAMES,
  );
  assert.deepEqual([stderr, code], ['', 0]);
  assert.match(text, /^\/dev\/video0 \/dev\/video1 \/dev\/video2\nmy-camera-000-vid-cap\n/);
  const wrong = { cameras: [{ camera: './my-camera.ts', color: 'red' }, { camera: './no.ts' }] };
  writeFileSync(join(cwd, 'test', 'cameras.json'), JSON.stringify(wrong));
  const none = await ask(cwd, 'run', '--config', 'test/cameras.json', '--', 'true');
  assert.match(
    none.stderr,
    /^usercam: \.\/test\/cameras\.json: cameras\[1\]: There is no file "\/.*\/test\/\.\/no\.ts"/,
  );
  writeFileSync(join(cwd, 'test', 'cameras.json'), JSON.stringify({ cameras: wrong.cameras.slice(0, 1) }));
  const red = await ask(cwd, 'run', '--config', 'test/cameras.json', '--', 'true');
  assert.equal(
    red.stderr,
    'usercam: ./test/cameras.json: cameras[0].color: color=red is not possible: choose one of orange, teal.\n',
  );
});

test('a session of the API has a configuration, by its path or as it is', needs([]), async () => {
  const cwd = directoryWith({
    'cameras.json': '{ "cameras": ["skeleton", { "camera": "vivi", "fps": 5 }] }',
  });
  const specs = async (config: Parameters<typeof startSession>[0]) => {
    await using session = await startSession(config);
    return (await session.status()).map(({ spec }) => spec);
  };
  assert.deepEqual(await specs({ config: join(cwd, 'cameras.json') }), ['skeleton', 'vivi,fps=5']);
  assert.deepEqual(await specs({ config: { cameras: [{ camera: 'm2m', time: 3 }] } }), ['m2m,time=3']);
  await assert.rejects(
    startSession({ config: { cameras: [{ camera: 'm2m', time: 'long' }] } }),
    /^Error: config: cameras\[0\]\.time: time=long is not possible: write milliseconds, 0 to 10001\.$/,
  );
  await assert.rejects(startSession({ config: './none.ts', cameras: ['vivi'] }), /leave one of them out/);
});

/** usercam in a directory with sessions of its own and a configuration, which is written anew with other cameras. */
function configured(...cameras: readonly unknown[]) {
  const cwd = scratch();
  const env = { XDG_RUNTIME_DIR: scratch() };
  const write = (text: string) => writeFileSync(join(cwd, 'usercam.config.json'), text);
  const save = (...all: readonly unknown[]) => write(JSON.stringify({ cameras: all }));
  save(...cameras);
  const ask = (...words: string[]): Promise<Result> => run([runtime, usercam, ...words], { env, cwd });
  /** It ends with the test, however that ends. */
  const up = (...words: string[]) => ask('up', '--replace', '--until', String(process.pid), ...words);
  return { cwd, env, ask, up, write, save };
}

test('the cameras of a session follow its configuration, and the others go on', needs(['gcc']), async () => {
  const stays = { camera: 'vivi', size: '320x240', fps: 1 };
  const { cwd, env, ask, up, write, save } = configured(stays, 'skeleton', 'm2m');
  const { text, stderr, code } = await up('--watch');
  assert.deepEqual([text, stderr, code], ['/dev/video0\n/dev/video1\n/dev/video2\n', '', 0]);
  const program = [runtime, usercam, 'run', '--session', '--', client('plug'), 'stay', '/dev/video0'];
  const running = start(program, { env, cwd });
  let told = '';
  running.child.stderr?.on('data', (data) => {
    told += String(data);
  });
  const hear = (line: string) => until(line, () => told.includes(`usercam: usercam.config.json ${line}\n`));
  const specs = async () =>
    (JSON.parse((await ask('status', '--json')).text) as { spec: string; nodes: string[] }[]).map(
      ({ spec, nodes }) => `${nodes} ${spec}`,
    );
  assert.equal((await ask('wait', '0', 'streaming')).code, 0);

  save(stays, { camera: 'vivi', fps: 5 }, 'm2m', 'loopback');
  await hear('is loaded anew: changed /dev/video1, added /dev/video3, /dev/video4');
  assert.deepEqual(await specs(), [
    '/dev/video0 vivi,size=320x240,fps=1',
    '/dev/video1 vivi,fps=5',
    '/dev/video2 m2m',
    '/dev/video3,/dev/video4 loopback',
  ]);
  save('loopback', stays);
  await hear('is loaded anew: removed /dev/video1, /dev/video2');
  save('loopback', stays);
  await hear('is loaded anew: no camera has changed');

  write('{ "cameras": [');
  const trouble = './usercam.config.json:1 is no JSON: Unexpected token; its cameras stay as they were\n';
  await until('the trouble', () => told.includes(`usercam: ${trouble}`));
  assert.equal((await ask('status')).stderr, `usercam: ${trouble}`);
  save(stays, { camera: 'webcam', source: 'none.mp4' });
  await until('the other trouble', () => told.includes('cameras[1]: source: there is no file "none.mp4"'));
  assert.deepEqual(await specs(), [
    '/dev/video0 vivi,size=320x240,fps=1',
    '/dev/video3,/dev/video4 loopback',
  ]);
  save(stays);
  await hear('is loaded anew: removed /dev/video3, /dev/video4');
  assert.equal((await ask('status')).stderr, '');

  process.kill(running.pid, 'SIGTERM');
  const stayed = JSON.parse((await running.end).text.trim().split('\n').at(-1) ?? '') as Record<
    string,
    number
  >;
  assert.deepEqual([stayed.gaps, stayed.wrong], [0, 0]);
  assert.equal((await ask('down')).code, 0);
});

test(
  'a session follows a configuration in TypeScript and what it imports, before any program runs',
  needs([]),
  async () => {
    const { cwd, ask, up } = configured();
    writeFileSync(
      join(cwd, 'all.ts'),
      "import { defineConfig } from 'usercam';\nimport { list } from './list.ts';\nexport default defineConfig({ cameras: list });\n",
    );
    const list = (...cameras: readonly string[]) =>
      writeFileSync(join(cwd, 'list.ts'), `export const list: string[] = ${JSON.stringify(cameras)};\n`);
    list('vivi');
    assert.equal((await up('--config', 'all.ts', '--watch')).text, '/dev/video0\n');
    list('vivi', 'skeleton');
    const count = async () => (await ask('status')).text.trim().split('\n').length;
    while ((await count()) !== 2);
    assert.equal((await ask('down')).code, 0);
  },
);

test('usercam run --watch follows a configuration too', needs([]), async () => {
  const { cwd, env, save } = configured('skeleton');
  const running = start([runtime, usercam, 'run', '--replace', '--watch', '--', 'sh'], { cwd, env });
  running.child.stdin?.write('echo begun\n');
  await running.line('begun');
  save('skeleton', 'vivi');
  running.child.stdin?.write('until test -e /dev/video1; do :; done; echo there\n');
  await running.line('there');
  running.child.stdin?.end();
  const { stderr, code } = await running.end;
  assert.deepEqual([stderr, code], ['usercam: usercam.config.json is loaded anew: added /dev/video1\n', 0]);
});
