/** usercam started as a program, as its users do: what Node would change comes to the command as it was given. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CapabilityName } from '../support/capabilities.ts';
import {
  descendants,
  needs,
  programOf,
  python,
  run,
  scratch,
  start,
  until,
  usercam,
} from '../support/door.ts';

/** Becomes the program of its last arguments with the signals of the first ignored and those of the second blocked. */
const withSignals = `
import os, signal, sys
ignored, blocked = (set(map(int, words.split(','))) for words in sys.argv[1:3])
for number in ignored:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
os.execvp(sys.argv[3], sys.argv[3:])
`;

/** With SIGQUIT left alone, which some shells ignore for themselves. */
const SIGNALS: readonly (readonly [string, string])[] = [
  ['1,2,10,12,13,15,20,21,22,40,64', '1,10,14,18,28,34,64'],
  ['3,25', '2,15'],
];

const shells: readonly (readonly [string, readonly CapabilityName[], () => string[]])[] = [
  ['the shell of the system', [], () => []],
  ['bash', ['bash'], () => [programOf('bash'), '--posix']],
  ['busybox', ['busybox'], () => [programOf('busybox'), 'sh']],
];

for (const [name, wanted, shell] of shells) {
  test(
    `signals ignored and blocked before are so in the command, noted by ${name}`,
    needs(['python3', ...wanted]),
    async () => {
      for (const [ignored, blocked] of SIGNALS) {
        const before = [python, '-c', withSignals, ignored, blocked];
        const look = ['grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status'];
        const plain = await run([...before, ...look]);
        const served = await run([...before, ...shell(), usercam, 'run', '--', ...look]);
        assert.equal(served.stderr, '');
        assert.equal(served.text, plain.text);
      }
    },
  );

  test(`the environment arrives to the byte and in its order through ${name}`, needs(wanted), async () => {
    const script = String.raw`exec env -i PATH="$PATH" B="$(printf '\377\200')" A=1 'x.y=2' Z= SHLVL=7 _=q "$@"`;
    const command = ['sh', '-c', script, 'sh'];
    const look = ['env', '-u', 'USERCAM_DEVICES'];
    const plain = await run([...command, ...look]);
    const served = await run([...command, ...shell(), usercam, 'run', '--', ...look]);
    assert.equal(served.stderr, '');
    assert.deepEqual(served.stdout, plain.stdout);
  });
}

test('what was given stays as it is when Node has options', needs(['python3']), async () => {
  const limited = ['sh', '-c', 'ulimit -Sn 400; exec "$@"', 'sh', python, '-c', withSignals, '1,12', '10,64'];
  const env = { NODE_OPTIONS: '--no-warnings' };
  for (const look of [
    ['grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status'],
    ['sh', '-c', 'ulimit -n; env | grep -e ^NODE_OPTIONS -e ^USERCAM_GIVEN'],
  ]) {
    const plain = await run([...limited, ...look], { env });
    const served = await run([...limited, usercam, 'run', '--', ...look], { env });
    assert.equal(served.stderr, '');
    assert.equal(served.text, plain.text);
  }
});

test(
  'the command gets the descriptors of usercam and no others, whatever their numbers',
  needs([]),
  async () => {
    const script = 'exec 3</dev/full 5</dev/zero 9</dev/full; exec "$@"';
    const list =
      'for fd in /proc/$$/fd/*; do echo "$fd $(readlink "$fd")"; done | grep /dev/ | sed "s/.*fd.//"';
    const look = ['sh', '-c', list];
    const plain = await run(['sh', '-c', script, 'sh', ...look]);
    const served = await run(['sh', '-c', script, 'sh', usercam, 'run', '--', ...look]);
    assert.match(plain.text, /^3 .*\n5 .*\n9 .*\n/);
    assert.equal(served.text, plain.text);
    const all = await run([
      'sh',
      '-c',
      'exec 3<&0 4<&0 5<&0 6<&0 7<&0 8<&0 9<&0; exec "$@"',
      'sh',
      usercam,
      'run',
      '--',
      'true',
    ]);
    assert.deepEqual([all.stderr, all.code], ['', 0]);
  },
);

test('usercam is found through links, as npm makes them, and leaves nobody behind', needs([]), async () => {
  const directory = scratch();
  symlinkSync(usercam, join(directory, 'real'));
  symlinkSync('real', join(directory, 'usercam'));
  const env = { PATH: `${directory}:${process.env.PATH}` };
  const running = start(['sh', '-c', 'exec usercam run -- sh -c "echo up; read word"'], { env });
  await running.line('up');
  const names = descendants(running.pid).map(({ command }) => command.split(' ')[0]);
  assert.equal(names.length, 2, names.join());
  running.child.stdin?.end('word\n');
  const result = await running.end;
  assert.deepEqual([result.stderr, result.code], ['', 0]);
});

test('what the shell leaves behind ends with usercam when Node never runs a line', needs([]), async () => {
  const directory = scratch();
  symlinkSync('/bin/sleep', join(directory, 'node'));
  const env = { PATH: `${directory}:${process.env.PATH}` };
  // The `node` of this one says that sleep cannot sleep for the name of a file, and ends.
  const result = await run([usercam, 'run', '--', 'true'], { env });
  assert.notEqual(result.code, 0);
  const left = () => descendants(1).filter(({ command }) => command.includes(`${usercam} run -- true`));
  await until('the end of what was left behind', () => left().length === 0);
});
