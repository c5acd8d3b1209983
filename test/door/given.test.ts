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
  type Result,
  run,
  runtime,
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

/** Its descriptors. */
const LIST = 'for fd in /proc/$$/fd/*; do [ -L "$fd" ] && echo "$fd $(readlink "$fd")"; done';

/** A list without what tells one process and one pipe from another. */
const listed = ({ text }: Result) => text.replace(/^\D+\d+\/fd\/|\[\d+\]/gm, '');

/** Becomes the program of its arguments with descriptors of all the kinds that Node opens for itself. */
const likeNode = `
import ctypes, os, select, sys
null = os.open('/dev/null', os.O_RDWR)
ends = os.pipe()
epoll = select.epoll()
for fd in (null, *ends, epoll.fileno(), ctypes.CDLL(None).eventfd(0, 0)):
    os.set_inheritable(fd, True)
# Where shells have the script that they read.
for number in (10, 255):
    os.dup2(ends[0], number)
os.execvp(sys.argv[1], sys.argv[1:])
`;

/** Takes all the descriptors that a script can name. */
const ALL_TAKEN = ['sh', '-c', 'exec 3<&0 4<&0 5<&0 6<&0 7<&0 8<&0 9<&0; exec "$@"', 'sh'];

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
      const look = ['grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status'];
      for (const [ignored, blocked] of SIGNALS)
        for (const taken of [[], ALL_TAKEN]) {
          const before = [python, '-c', withSignals, ignored, blocked, ...taken];
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

  test(`an environment without anything stays so through ${name}`, needs(wanted), async () => {
    // That is for usercam alone.
    const command = ['env', '-i', `USERCAM_NODE=${runtime}`];
    const served = await run([...command, ...shell(), usercam, 'run', '--', 'env', '-u', 'USERCAM_DEVICES']);
    assert.deepEqual([served.stderr, served.text], ['', '']);
  });

  test(
    `descriptors of the kinds that Node opens for itself arrive, noted by ${name}`,
    needs(['python3', ...wanted]),
    async () => {
      const before = [python, '-c', likeNode];
      const plain = await run([...before, 'sh', '-c', LIST]);
      const served = await run([...before, ...shell(), usercam, 'run', '--', 'sh', '-c', LIST]);
      for (const kind of ['pipe:', 'eventpoll', 'eventfd', '/dev/null']) assert.ok(plain.text.includes(kind));
      assert.deepEqual([listed(served), served.stderr], [listed(plain), '']);
    },
  );

  test(
    `the command gets no more where all descriptors are taken that ${name} can name`,
    needs(wanted),
    async () => {
      const plain = await run([...ALL_TAKEN, 'sh', '-c', LIST]);
      const served = await run([...ALL_TAKEN, ...shell(), usercam, 'run', '--', 'sh', '-c', LIST]);
      assert.deepEqual([listed(served), served.stderr], [listed(plain), '']);
    },
  );

  test(
    `standard streams that are closed are so for the command, noted by ${name}`,
    needs(wanted),
    async () => {
      const look =
        'open=; for fd in 0 1 2; do [ -L /proc/$$/fd/$fd ] && open="$open $fd"; done; echo "has$open" >&9';
      for (const closed of ['<&-', '>&-', '2>&-', '<&- 2>&-', '>&- 2>&-', '<&- >&- 2>&-']) {
        const before = ['sh', '-c', `exec "$@" 9>&1 ${closed}`, 'sh'];
        const plain = await run([...before, 'sh', '-c', look]);
        const served = await run([...before, ...shell(), usercam, 'run', '--', 'sh', '-c', look]);
        assert.equal(served.text, plain.text);
      }
    },
  );
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

test('what was noted counts also where who was left behind has ended', needs([]), async () => {
  // Some shells take away at once who ends while they are there.
  const ends = 'until [ /proc/$$/exe -ef "$1" ]; do :; done &';
  const script = `${ends} export USERCAM_GIVEN="4200 200 $! 9 1 2 7"; exec "$@" 9</dev/null`;
  const look = 'grep ^SigIgn /proc/$$/status; [ -L /proc/$$/fd/0 ] || echo "$WORD"';
  const command = [runtime, usercam, 'run', '--', 'sh', '-c', look];
  const { text, stderr } = await run(['sh', '-c', script, 'sh', ...command], { env: { WORD: 'there' } });
  assert.match(text, /^SigIgn:\s0+4200\nthere\n$/);
  assert.equal(stderr, '');
});

test('what was noted counts also where nothing is left of who was left behind', needs([]), async () => {
  const ends = 'trap "" CHLD; : & while kill -0 $! 2>/dev/null; do :; done';
  const script = `${ends}; export USERCAM_GIVEN="14200 200 $! 9 1 2 7"; exec "$@" 9</dev/null`;
  const look =
    'grep ^SigIgn /proc/$$/status; [ -L /proc/$$/fd/0 ] || echo "$WORD"; [ -L /proc/$$/fd/9 ] || echo closed';
  const command = [runtime, usercam, 'run', '--', 'sh', '-c', look];
  const { text, stderr } = await run(['sh', '-c', script, 'sh', ...command], { env: { WORD: 'there' } });
  assert.match(text, /^SigIgn:\s0+4200\nthere\nclosed\n$|^SigIgn:\s0+14200\nthere\nclosed\n$/);
  assert.equal(stderr, '');
});

test(
  'descriptors stay as they are when Node has options and nobody takes them away',
  needs(['python3']),
  async () => {
    const command = [python, '-c', likeNode, ...ALL_TAKEN, 'sh', '-c', 'exec "$@" <&-', 'sh'];
    const env = { NODE_OPTIONS: '--no-warnings' };
    const plain = await run([...command, 'sh', '-c', LIST], { env });
    const served = await run([...command, usercam, 'run', '--', 'sh', '-c', LIST], { env });
    assert.deepEqual([listed(served), served.stderr], [listed(plain), '']);
  },
);

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
