/** usercam beside others: in a job, among what the shell started before it, and with what the process had before it was usercam. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import {
  descendants,
  inTerminal,
  needs,
  python,
  run,
  scratch,
  start,
  startUsercam,
  underUsercam,
  until,
} from '../support/door.ts';

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const)
  test(`the command gets one ${signal} when its whole job does`, needs([]), async () => {
    const script = `
      trap 'count=$((count + 1))' ${signal.slice(3)}
      trap 'echo count=$count; exit 7' PWR
      echo up
      while :; do sleep 0.02; done`;
    const running = startUsercam(['sh', '-c', script], { input: '' });
    await running.line('up');
    process.kill(-running.pid, signal);
    // What comes to usercam alone is passed on, and after the other one: it has the highest number.
    process.kill(running.pid, 'SIGPWR');
    const { text, code } = await running.end;
    assert.deepEqual([text, code], ['up\ncount=1\n', 7]);
  });

for (const signal of ['SIGINT', 'SIGQUIT', 'SIGWINCH'] as const)
  test(
    `the command gets ${signal} that usercam alone gets in the foreground of a terminal`,
    needs([python]),
    async () => {
      const script = `trap 'echo got; exit 7' ${signal.slice(3)}; echo up; while :; do sleep 0.02; done`;
      const { code, text } = await inTerminal(
        ['sh', '-c', script],
        [
          ['expect', 'up'],
          ['signal', signal],
        ],
      );
      assert.match(text, /got\r\n/);
      assert.equal(code, 7);
    },
  );

test(
  'a signal that comes before the command runs ends usercam as it would the command',
  needs([]),
  async () => {
    const running = startUsercam(['sh', '-c', 'echo ran; sleep 100'], { input: '' });
    // From then on signals are for the command.
    await until('a launcher', () =>
      descendants(running.pid).some(({ command }) => command.includes('launcher')),
    );
    process.kill(running.pid, 'SIGTERM');
    const { signal, stderr } = await running.end;
    assert.deepEqual([signal, stderr], ['SIGTERM', '']);
    assert.deepEqual(readdirSync(running.temporary), []);
  },
);

test('what a shell has started before it became usercam stays', needs([]), async () => {
  const script = 'sleep 1000 >/dev/null 2>&1 & echo $! >&2; exec "$@"';
  const { stderr, code } = await run(['sh', '-c', script, 'sh', ...underUsercam(['true'])]);
  const pid = Number(stderr);
  // It has to be somebody's who is there: a killed one would be gone.
  process.kill(pid, 'SIGTERM');
  assert.equal(code, 0);
});

const lockAndRun = `
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.set_inheritable(file, True)
fcntl.lockf(file, fcntl.LOCK_EX)
os.execvp(sys.argv[2], sys.argv[2:])`;
const isLocked = `
import fcntl, sys
try:
    fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except OSError:
    print("locked")`;

test('a file that was locked by fcntl() before stays locked', needs([python]), async () => {
  const path = `${scratch()}/lock`;
  const command = underUsercam(['sh', '-c', 'echo up; read word']);
  const running = start([python, '-c', lockAndRun, path, ...command]);
  await running.line('up');
  const { text } = await run([python, '-c', isLocked, path]);
  running.child.stdin?.end('\n');
  await running.end;
  assert.equal(text, 'locked\n');
});

test(
  'a umask that takes everything away is that of the command, and nothing is left',
  needs([]),
  async () => {
    const running = start(
      ['sh', '-c', 'umask 777; "$@"', 'sh', ...underUsercam(['sh', '-c', 'umask; ls /dev/video0'])],
      {
        input: '',
      },
    );
    const { text, stderr } = await running.end;
    assert.deepEqual([text, stderr], ['0777\n/dev/video0\n', '']);
    assert.deepEqual(readdirSync(running.temporary), []);
  },
);

test(
  'limits of the length of files and of processor time are those of the command, and not of usercam',
  needs([]),
  async () => {
    const script = 'ulimit -S -f 1; ulimit -S -t 1000; "$@"';
    const command = underUsercam(['sh', '-c', 'ulimit -f; ulimit -t; head -c 100000 /dev/video0 | wc -c']);
    const { text, stderr } = await run(['sh', '-c', script, 'sh', ...command]);
    assert.deepEqual([text, stderr], ['1\n1000\n100000\n', '']);
  },
);

test(
  'the exit code is that of the command also when it has closed the directory of temporary files',
  needs([]),
  async () => {
    const directory = scratch();
    const command = underUsercam(['sh', '-c', 'chmod 500 "$TMPDIR"; exit 3']);
    const result = await run(['sh', '-c', 'TMPDIR=$0 exec "$@"', directory, ...command]);
    chmodSync(directory, 0o700);
    assert.equal(result.code, 3, result.stderr);
    // Nothing keeps root from removing it.
    assert.match(result.stderr, /^(usercam: \S+ is left behind: EACCES[^\n]*\n)?$/);
  },
);
