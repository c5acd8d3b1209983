/** Signals: to a client in the middle of its calls, to the command, and from a terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  client,
  inTerminal,
  json,
  needs,
  python,
  run,
  runUsercam,
  startUsercam,
  underUsercam,
} from '../support/door.ts';

// At a pace most signals meet a waiting DQBUF, without one most meet a call that is being served.
for (const [mode, fps, wanted] of [
  ['restart', '60', 200],
  ['norestart', '60', 200],
  ['restart', 'max', 20_000],
  ['norestart', 'max', 20_000],
] as const)
  test(
    `${wanted} frames at fps=${fps} come and none is lost when a signal comes every 200 us: ${mode}`,
    needs(['gcc']),
    async () => {
      const command = [client('signals'), mode, '/dev/video0', String(wanted)];
      const result = await runUsercam(command, { cameras: [`vivi,fps=${fps}`] });
      const { frames, gaps, lost, monotonic, errors, lastError, lastCall, signals, eintr } = json(result);
      assert.deepEqual(
        { frames, lost, monotonic, errors, lastError, lastCall },
        { frames: wanted, lost: 0, monotonic: true, errors: 0, lastError: 'OK', lastCall: '' },
      );
      // A camera with a rate goes on when the machine has no time for its program.
      if (fps === 'max') assert.equal(gaps, 0);
      assert.ok(Number(signals) > 100, `${signals} signals`);
      assert.ok(mode === 'restart' || Number(eintr) > 0, `${eintr} calls interrupted`);
      assert.equal(result.code, 0);
    },
  );

// Before Linux 5.19 a signal may come between a call and its answer. That is rare, but not at any pace.
test(
  '30 frames come when a signal comes every 200 us and the kernel is an older one',
  needs(['gcc']),
  async () => {
    const command = [client('signals'), 'restart', '/dev/video0', '30'];
    const result = await run([client('nosys'), 'killable', ...underUsercam(command)]);
    assert.equal(json(result).frames, 30);
  },
);

for (const kernel of ['this', 'an older'] as const)
  for (const [mode, error] of [
    ['restart', 'OK'],
    ['norestart', 'EINTR'],
  ] as const)
    test(
      `a waiting DQBUF gives ${error} when one signal comes and the kernel is ${kernel} one: ${mode}`,
      needs(['gcc']),
      async () => {
        const command = underUsercam([client('interrupt'), mode], ['vivi,fps=1']);
        const older = kernel === 'this' ? [] : [client('nosys'), 'killable'];
        const result = await run([...older, ...command]);
        assert.deepEqual(json(result), { signals: 1, error, frames: 2, gaps: 0 });
        assert.equal(result.code, 0);
      },
    );

const fatal = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGHUP',
  'SIGKILL',
  'SIGSEGV',
  'SIGABRT',
  'SIGPIPE',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGXFSZ',
  'SIGPROF',
] as const;

for (const signal of fatal)
  test(`usercam ends by ${signal} when the command does`, needs([]), async () => {
    const result = await runUsercam(['sh', '-c', `kill -${signal.slice(3)} $$`]);
    assert.equal(result.stderr, '');
    assert.deepEqual([result.code, result.signal], [null, signal]);
  });

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)
  test(`the command gets ${signal} when usercam gets it`, needs([]), async () => {
    const name = signal.slice(3);
    const script = `trap 'echo got; exit 7' ${name}; echo up; while :; do sleep 0.02; done`;
    const running = startUsercam(['sh', '-c', script], { input: '' });
    await running.line('up');
    process.kill(running.pid, signal);
    const result = await running.end;
    assert.equal(result.text, 'up\ngot\n');
    assert.equal(result.code, 7);
  });

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';

test('usercam ends by SIGINT when Ctrl-C is typed', needs([python]), async () => {
  const { signal } = await inTerminal(
    ['sleep', '100'],
    [
      ['process', 'sleep'],
      ['send', CTRL_C],
    ],
  );
  assert.equal(signal, 'SIGINT');
});

test('the command gets one SIGINT and decides when Ctrl-C is typed', needs([python]), async () => {
  const script = `
    trap 'count=$((count + 1))' INT
    echo up
    until [ -n "$count" ]; do sleep 0.02; done
    sleep 0.2
    echo count=$count
    exit 7`;
  const { code, text } = await inTerminal(
    ['sh', '-c', script],
    [
      ['expect', 'up'],
      ['send', CTRL_C],
    ],
  );
  assert.match(text, /count=1\r\n/);
  assert.equal(code, 7);
});

test('a shell controls its jobs when it is interactive', needs([python, 'bash']), async () => {
  const { code, text } = await inTerminal(
    ['bash', '--norc', '--noprofile', '-i'],
    [
      ['expect', 'READY> '],
      ['send', 'sleep 100\r'],
      ['foreground', 'sleep'],
      ['send', CTRL_Z],
      ['expect', 'Stopped'],
      ['expect', 'READY> '],
      ['send', 'fg\r'],
      ['foreground', 'sleep'],
      ['send', CTRL_C],
      ['expect', 'READY> '],
      ['send', 'echo code $?\r'],
      ['expect', 'code 130'],
      ['expect', 'READY> '],
      ['send', 'exit 5\r'],
    ],
    { PS1: 'READY> ', TERM: 'dumb' },
  );
  assert.doesNotMatch(text, /no job control|cannot set terminal/);
  assert.equal(code, 5);
});

test(
  'a streaming program goes on without a fault when it was stopped by Ctrl-Z',
  needs([python, 'bash', 'gcc']),
  async () => {
    const { code } = await inTerminal(
      ['bash', '--norc', '--noprofile', '-i'],
      [
        ['expect', 'READY> '],
        ['send', `${client('hold')}\r`],
        ['expect', 'streaming'],
        ['send', CTRL_Z],
        ['expect', 'Stopped'],
        ['expect', 'READY> '],
        ['send', `${client('try')}\r`],
        ['expect', 'EBUSY'],
        ['send', 'fg\r'],
        ['foreground', 'hold'],
        ['send', CTRL_C],
        ['expect', 'READY> '],
        ['send', `${client('try')}\r`],
        ['expect', 'OK'],
        ['send', 'exit 6\r'],
      ],
      { PS1: 'READY> ', TERM: 'dumb' },
    );
    assert.equal(code, 6);
  },
);

test(
  'two signals at once end a sleep once: all who sleep afterwards are woken, by their own answers',
  needs(['gcc']),
  async () => {
    const result = await runUsercam([client('two-signals')]);
    assert.equal(result.stderr, '');
    assert.equal(json(result).wrong, 0);
    assert.equal(result.code, 0);
  },
);
