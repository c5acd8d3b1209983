/** The command gets exactly what it would get without usercam. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  descendants,
  isAlive,
  needs,
  python,
  type RunOptions,
  root,
  run,
  runtime,
  runUsercam,
  scratch,
  start,
  startUsercam,
  underUsercam,
  until,
  usercam,
} from '../support/door.ts';

/** Runs `script` in a shell whose `"$@"` is a prefix: nothing, or `usercam run --`. Both must say the same. */
async function assertSame(script: string, options: RunOptions = {}): Promise<string> {
  const plain = await run(['sh', '-c', script, 'sh', 'env'], options);
  const served = await run(
    ['sh', '-c', script, 'sh', ...underUsercam(['env', '-u', 'USERCAM_DEVICES'])],
    options,
  );
  assert.deepEqual(
    Buffer.from(served.stdout).toString('latin1'),
    Buffer.from(plain.stdout).toString('latin1'),
  );
  assert.equal(served.stderr, plain.stderr);
  assert.deepEqual([served.code, served.signal], [plain.code, plain.signal]);
  assert.notEqual(plain.text, '');
  return plain.text;
}

test('arguments arrive to the byte, also when they are not UTF-8', needs([]), async () => {
  const text = await assertSame(
    String.raw`"$@" printf '<%s>' "$(printf 'a\377\200b')" '' 'ä' "$(printf '\n\t ')"`,
  );
  assert.match(text, /<><ä>/);
});

test('the environment arrives to the byte and in its order', needs([]), async () => {
  await assertSame(
    String.raw`exec env -i PATH="$PATH" TMPDIR=/tmp B="$(printf '\377\200')" A=1 'x.y=2' Z= "$@" env`,
  );
});

test('more than 128 KiB of arguments arrive', needs([]), async () => {
  const script =
    'words() { i=0; while [ $i -lt 4000 ]; do echo word-number-$i-of-many-words; i=$((i + 1)); done; }; "$@" sh -c \'echo $# $(printf %s "$1" | wc -c)\' sh "$(head -c 131000 /dev/zero | tr "\\0" x)" $(words)';
  assert.equal(await assertSame(script), '4001 131000\n');
});

test('arguments that are too long for the kernel are refused in one sentence', needs([]), async () => {
  const words = Array.from({ length: 15 }, () => 'x'.repeat(130_000));
  const script = 'ulimit -s 8192; for i in 1 2 3 4 5; do set -- "$@" "$1" ; done; exec "$0" "$@"';
  const result = await run(['sh', '-c', script, runtime, usercam, 'run', '--', 'true', ...words]);
  if (result.code !== 0)
    assert.match(
      result.stderr,
      /^usercam: cannot run true: its arguments and environment are too long\n$|too long/,
    );
});

/** Programs of Node's that are preloaded tell who loaded them. */
async function whoLoads(
  command: readonly string[],
  env: (recorder: string) => Record<string, string>,
  wrapped = underUsercam,
) {
  const directory = scratch();
  const [recorder, record] = [join(directory, 'recorder.cjs'), join(directory, 'record')];
  writeFileSync(record, '');
  const line = `process.pid + ' ' + require('node:worker_threads').isMainThread + ' ' + process.argv.slice(1).join(' ')`;
  writeFileSync(recorder, `require('node:fs').appendFileSync(${JSON.stringify(record)}, ${line} + '\\n');`);
  const result = await run(wrapped(command), { env: env(recorder) });
  return { result, record: readFileSync(record, 'utf8').trimEnd().split('\n') };
}

test(
  'NODE_OPTIONS acts on the command, and not on usercam beyond the Node that it is started with',
  needs([]),
  async () => {
    const print = 'console.log(process.env.NODE_OPTIONS, process.execArgv.length)';
    const { result, record } = await whoLoads([process.execPath, '-e', print], (file) => ({
      NODE_OPTIONS: `--require=${file}`,
    }));
    assert.match(result.text, /^--require=\S+recorder.cjs 2\n$/);
    assert.equal(result.stderr, '');
    assert.equal(record.length, 2, record.join('\n'));
    assert.match(record[0] as string, /usercam\.js run/);
    assert.match(record[1] as string, /^\d+ true *$/);
  },
);

test('NODE_OPTIONS does not act on usercam at all where the shell has started it', needs([]), async () => {
  const print = 'console.log(process.env.NODE_OPTIONS)';
  const { result, record } = await whoLoads(
    [process.execPath, '-e', print],
    (file) => ({ NODE_OPTIONS: `--require=${file}` }),
    (command) => [usercam, 'run', '--', ...command],
  );
  assert.match(result.text, /^--require=\S+recorder.cjs\n$/);
  assert.equal(result.stderr, '');
  assert.equal(record.length, 1, record.join('\n'));
});

test(
  'usercam starts over without the options of its Node while a profiler sends signals',
  needs([]),
  async () => {
    const cwd = scratch();
    const profiled = [process.execPath, '--cpu-prof', '--cpu-prof-interval=50', usercam, 'run', '--', 'true'];
    for (let round = 0; round < 6; round++) {
      const { code, signal, stderr } = await run(profiled, { cwd });
      assert.deepEqual([code, signal, stderr], [0, null, '']);
    }
  },
);

test('options of the Node that starts usercam do not act on its other processes', needs([]), async () => {
  const command = [
    process.execPath,
    '--inspect-publish-uid=http',
    '--inspect=127.0.0.1:0',
    usercam,
    'run',
    '--',
    'sh',
    '-c',
    'tr "\\0" " " < /proc/$PPID/cmdline; env',
  ];
  const result = await run(command);
  assert.doesNotMatch(result.text, /inspect/);
  assert.doesNotMatch(result.text, /USERCAM_KEPT/);
  assert.equal(result.code, 0);
});

test('NODE_V8_COVERAGE makes nothing but the command write coverage', needs([]), async () => {
  const directory = scratch();
  const result = await runUsercam([process.execPath, '-e', '0'], { env: { NODE_V8_COVERAGE: directory } });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(readdirSync(directory).length, 1);
});

for (const signal of ['SIGUSR1', 'SIGALRM', 'SIGVTALRM', 'SIGURG', 'SIGIO'] as const)
  test(`the command gets ${signal} when usercam gets it, and nothing is said`, needs([]), async () => {
    const name = signal.slice(3);
    const script = `trap 'echo got; exit 7' ${name}; echo up; while :; do sleep 0.02; done`;
    const running = startUsercam(['sh', '-c', script], { input: '' });
    await running.line('up');
    process.kill(running.pid, signal);
    const result = await running.end;
    assert.deepEqual([result.text, result.stderr, result.code], ['up\ngot\n', '', 7]);
  });

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

test('SIGTSTP and SIGCONT for usercam are for the command', needs([]), async () => {
  const script = "trap 'echo stop' TSTP; echo up; until read word; do :; done; echo $word";
  const running = startUsercam(['sh', '-c', script]);
  await running.line('up');
  const command = descendants(running.pid).find((info) => info.command.startsWith('sh ')) as { pid: number };
  process.kill(running.pid, 'SIGTSTP');
  await running.line('stop');
  process.kill(command.pid, 'SIGSTOP');
  await until('the command to stop', () => stateOf(command.pid) === 'T');
  process.kill(running.pid, 'SIGCONT');
  await until('the command to go on', () => stateOf(command.pid) !== 'T');
  running.child.stdin?.end('word\n');
  const result = await running.end;
  assert.deepEqual([result.text, result.stderr, result.code], ['up\nstop\nword\n', '', 0]);
});

const CTRL_Z = '\x1a';

/** A shell in a terminal, in which usercam is a job. */
async function inShell(
  steps: readonly (readonly [string, string])[],
): Promise<{ text: string; code: number | null }> {
  const script = join(root, 'test', 'support', 'terminal.py');
  const shell = ['bash', '--norc', '--noprofile', '-i'];
  const env = { PS1: 'READY> ', TERM: 'dumb' };
  const result = await run([python, script, JSON.stringify(steps), ...shell], { env });
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.text);
}

const typed = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

test(
  'Ctrl-Z stops usercam as a job of a shell, and fg continues it',
  needs(['python3', 'bash']),
  async () => {
    // Nothing is started while Ctrl-Z is pressed: between vfork() and execve() it stops the child alone, here as anywhere.
    const script = 'echo u""p; read word; ls /dev/video0; exit 3';
    const { code, text } = await inShell([
      ['expect', 'READY> '],
      ['send', `${typed(underUsercam(['sh', '-c', script]))}\r`],
      ['expect', 'up\r\n'],
      ['send', CTRL_Z],
      ['expect', 'Stopped'],
      ['expect', 'READY> '],
      ['send', 'jobs -s; echo still""here\r'],
      ['expect', 'stillhere'],
      ['expect', 'READY> '],
      ['send', 'fg\r'],
      ['expect', 'exit 3'],
      ['send', 'word\r'],
      ['expect', '/dev/video0\r\n'],
      ['expect', 'READY> '],
      ['send', 'exit $?\r'],
    ]);
    assert.equal(code, 3, text);
  },
);

test(
  'a command that stops itself stops usercam as a job, and goes on',
  needs(['python3', 'bash']),
  async () => {
    const { code, text } = await inShell([
      ['expect', 'READY> '],
      ['send', `${typed(underUsercam(['sh', '-c', 'kill -STOP $$; ls /dev/video0; exit 4']))}\r`],
      ['expect', 'Stopped'],
      ['expect', 'READY> '],
      ['send', 'fg\r'],
      ['expect', '/dev/video0\r\n'],
      ['expect', 'READY> '],
      ['send', 'exit $?\r'],
    ]);
    assert.equal(code, 4, text);
  },
);

const showIgnored = 'sh -c "grep ^SigIgn /proc/self/status"';

test('SIGHUP stays ignored when a script ignores it', needs([]), async () => {
  assert.match(await assertSame(`trap '' HUP; "$@" ${showIgnored}; echo end`), /SigIgn:\t0*1\n/);
});

test('a command under nohup survives SIGHUP', needs(['coreutils', 'bash']), async () => {
  const script = 'nohup "$@"; echo $?';
  const command = underUsercam(['sh', '-c', 'echo up; read word; echo $word']);
  const running = start(['bash', '-c', script, 'bash', ...command]);
  await running.line('up');
  const all = descendants(running.pid);
  for (const { pid } of all) process.kill(pid, 'SIGHUP');
  running.child.stdin?.end('word\n');
  const result = await running.end;
  assert.equal(result.text, 'up\nword\n0\n', result.stderr);
});

test(
  'everything ends and one sentence says why when a real-time signal ends usercam',
  needs(['bash']),
  async () => {
    const running = startUsercam(['sh', '-c', '(setsid sleep 1000 &); echo up; sleep 1000']);
    await running.line('up');
    const pids = descendants(running.pid).map(({ pid }) => pid);
    await run(['bash', '-c', `kill -RTMIN ${running.pid}`]);
    const result = await running.end;
    await until('the end of the tree', () => !pids.some(isAlive), 5000);
    // What has not been ended yet may say that nobody answers its calls.
    assert.match(result.stderr, /^usercam: usercam was killed; everything it started is ended$/m);
    assert.equal(result.stderr.match(/^usercam:/gm)?.length, 1);
  },
);

test('a directory is no command, and usercam says so', needs([]), async () => {
  const result = await runUsercam(['/etc']);
  assert.equal(result.stderr, 'usercam: cannot run /etc: it is a directory\n');
  assert.equal(result.code, 126);
});

test('usercam says which interpreter of a script is missing', needs([]), async () => {
  const script = join(scratch(), 'script');
  writeFileSync(script, '#!/no/such/interpreter -x\n', { mode: 0o755 });
  const result = await runUsercam([script]);
  assert.equal(
    result.stderr,
    `usercam: cannot run ${script}: its interpreter /no/such/interpreter is not there\n`,
  );
  assert.equal(result.code, 126);
});

test('a script without an interpreter is run by the shell', needs([]), async () => {
  const script = join(scratch(), 'script');
  writeFileSync(script, 'echo "$1" | tr a-z A-Z\n', { mode: 0o755 });
  const result = await runUsercam([script, 'word']);
  assert.deepEqual([result.text, result.stderr, result.code], ['WORD\n', '', 0]);
});

test('a command is found by PATH as execvp() finds it', needs([]), async () => {
  const [first, second] = [scratch(), scratch()];
  writeFileSync(join(first, 'tool'), 'not executable\n', { mode: 0o644 });
  writeFileSync(join(second, 'tool'), '#!/bin/sh\necho second\n', { mode: 0o755 });
  const env = { PATH: `${first}:${second}:${process.env.PATH}` };
  const result = await runUsercam(['tool'], { env });
  assert.deepEqual([result.text, result.stderr, result.code], ['second\n', '', 0]);
  const none = await runUsercam(['tool'], { env: { PATH: first } });
  assert.deepEqual([none.stderr, none.code], ['usercam: cannot run tool: it is not executable\n', 126]);
});

test('USERCAM_DEVICES holds the nodes of the cameras', needs([]), async () => {
  const script = 'for node in $USERCAM_DEVICES; do echo $node; test -c $node || exit 1; done';
  const result = await runUsercam(['sh', '-c', script], { cameras: ['vivi', 'loopback', 'vivi'] });
  assert.equal(result.text.split('\n').length, 5, result.text);
  assert.match(result.text, /^\/dev\/video0\n\/dev\/video1\n/);
  assert.equal(result.code, 0);
});
