/** The command explains itself: help, what there is to choose, what was meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInDrivers, commonSettings } from '../../src/drivers/index.ts';
import { needs, run, runtime, runUsercam, usercam } from '../support/door.ts';

const ask = (...words: string[]) => run([runtime, usercam, ...words]);

for (const words of [['run', '--help'], ['help', 'run'], ['cameras'], ['run', '-h']])
  test(
    `usercam ${words.join(' ')} tells of every driver, setting, value and default`,
    needs([]),
    async () => {
      const { text, stderr, code } = await ask(...words);
      assert.deepEqual([stderr, code], ['', 0]);
      const said = text.replaceAll(/\s+/g, ' ');
      for (const { name, help, settings } of builtInDrivers().all) {
        assert.ok(said.includes(` ${name} ${help}`), name);
        for (const [key, { help, values, default: usual }] of Object.entries(settings)) {
          const choice = typeof values === 'string' ? values.slice(1) : `One of ${values.join(', ')}.`;
          assert.ok(said.includes(` ${key}= ${help} `), `${name} ${key}`);
          assert.ok(said.includes(choice), `${name} ${key}`);
          if (usual !== undefined) assert.ok(said.includes(`[${usual}]`), `${name} ${key}`);
        }
      }
      for (const key of Object.keys(commonSettings({}))) assert.match(text, new RegExp(`^ +${key}= `, 'm'));
    },
  );

for (const words of [['run'], ['doctor'], ['cameras']])
  test(`usercam ${words} --help has examples and exit codes`, needs([]), async () => {
    const { text, code } = await ask(...words, '--help');
    assert.match(text, /^Examples:$/m);
    assert.match(text, /^Exit code: /m);
    assert.equal(code, 0);
  });

test('usercam cameras --json says the same to programs', needs([]), async () => {
  const { text } = await ask('cameras', '--json');
  const told = JSON.parse(text) as { driver: string; settings: { key: string }[] }[];
  const expected = builtInDrivers().all.map((driver) => ({
    driver: driver.name,
    keys: Object.keys({ ...driver.settings, ...commonSettings(driver) }),
  }));
  assert.deepEqual(
    told.map(({ driver, settings }) => ({ driver, keys: settings.map(({ key }) => key) })),
    expected,
  );
});

test('usercam doctor --json has the findings and facts', needs([]), async () => {
  const { text, code } = await ask('doctor', '--json');
  const told = JSON.parse(text) as {
    works: boolean;
    findings: { what: string; result: string }[];
    facts: { node: string; kernel: string; limits: Record<string, number | null> };
  };
  assert.equal(told.works, code === 0);
  assert.ok(told.findings.every(({ result }) => /^(ok|note|fail)$/.test(result)));
  assert.ok(told.findings.length > 8);
  const { text: version } = await run([runtime, '--version']);
  assert.equal(told.facts.node, version.trim());
  assert.match(told.facts.kernel, /^\d+\.\d+/);
  assert.deepEqual(Object.keys(told.facts.limits).includes('open files'), true);
});

const meant: readonly (readonly [words: readonly string[], sentence: string])[] = [
  [
    ['ffmpeg', '-f', 'v4l2'],
    '"ffmpeg" is no command of usercam: did you mean usercam run -- ffmpeg -f v4l2?',
  ],
  [['doctr'], '"doctr" is no command of usercam: did you mean doctor?'],
  [['rnu', '--', 'true'], '"rnu" is no command of usercam: did you mean run?'],
];

for (const [words, sentence] of meant)
  test(`usercam ${words.join(' ')} says what was meant`, needs([]), async () => {
    const { text, stderr, code } = await ask(...words);
    assert.deepEqual([text, stderr, code], ['', `usercam: ${sentence}\n`, 2]);
  });

test('usercam run says what was meant by a program that does not exist', needs([]), async () => {
  const line = await runUsercam(['ls -l']);
  assert.equal(
    line.stderr,
    "usercam: cannot run ls -l: no such command; write the words one by one (usercam run -- ls -l), or let a shell read them: usercam run -- sh -c 'ls -l'\n",
  );
  assert.equal(line.code, 127);
  const setting = await runUsercam(['size=640x480', 'true']);
  assert.match(setting.stderr, /settings follow the camera after a comma: --camera vivi,size=640x480\n$/);
  const plain = await runUsercam(['no-such-program']);
  assert.equal(plain.stderr, 'usercam: cannot run no-such-program: no such command\n');
});

test('usercam run -v tells who does what with which camera', needs(['v4l2-ctl']), async () => {
  const stream =
    'v4l2-ctl --set-fmt-video=width=320,height=240,pixelformat=UYVY --stream-mmap --stream-count=3';
  const script = `${stream} >/dev/null 2>&1; head -c 1000 /dev/video0 | wc -c; exec 3</dev/video0`;
  const options = ['run', '-v', '-c', 'vivi,fps=max,name=Mine', '--', 'sh', '-c', script];
  const { text, stderr, code } = await ask(...options);
  assert.deepEqual([text, code], ['1000\n', 0]);
  const told = stderr.replaceAll(/ \(\d+\)/g, '').replaceAll(/^usercam: \/dev\/video0: /gm, '');
  // How many bytes head asks for at once is its own matter.
  assert.deepEqual(told.replace(/\d+ bytes/, 'N bytes').split('\n'), [
    'Mine (vivi, platform:vivi-000)',
    'opened by v4l2-ctl',
    'v4l2-ctl sets 320x240 UYVY',
    'v4l2-ctl has 4 buffers (MMAP)',
    'v4l2-ctl streams',
    'v4l2-ctl has had 3 frames, 0 lost in between',
    'closed by v4l2-ctl',
    'opened by head',
    'head has read or written N bytes',
    'closed by head',
    'closed by a program that has asked for nothing',
    '',
  ]);
});
