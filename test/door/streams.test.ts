/** Pipes between the command and whoever started it: usercam stands between the processes, and is at no end of theirs. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs, root, scratch, start, underUsercam, usercam } from '../support/door.ts';
import { startSession } from '../support/library.ts';

type Wrapped = (command: readonly string[], options: SpawnOptions) => ChildProcess;

const spawned: Wrapped = ([program = '', ...args], options) => spawn(program, args, options);

/** Ways in which a command is started. */
const ways: readonly (readonly [string, (act: (wrapped: Wrapped) => Promise<void>) => Promise<void>])[] = [
  ['usercam run', (act) => act((command, options) => spawned([usercam, 'run', '--', ...command], options))],
  ['node usercam run', (act) => act((command, options) => spawned(underUsercam(command), options))],
  [
    'a program of a session',
    async (act) => {
      await using session = await startSession({ cameras: ['vivi'], replace: true });
      await act(
        ([program = '', ...args], options) => session.spawn(program, args, options as object) as ChildProcess,
      );
    },
  ],
  [
    'a wrapped program',
    async (act) => {
      await using session = await startSession({ cameras: ['vivi'], replace: true });
      await act(([program = '', ...args], options) => spawned([session.wrap(program), ...args], options));
    },
  ],
];

/** What ends if the command goes on for ever: the test is over by then. */
const GOES_ON = 'exec sleep 300';

for (const [name, through] of ways) {
  test(`${name}: what the command closes has ended for who reads it`, needs([]), () =>
    through(async (wrapped) => {
      for (const fd of [1, 3, 7]) {
        const stdio = Array.from(
          { length: 8 },
          (_, n) => (n === fd ? 'pipe' : 'ignore') as 'pipe' | 'ignore',
        );
        const child = wrapped(['sh', '-c', `echo said >&${fd}; exec ${fd}>&-; ${GOES_ON}`], { stdio });
        const pipe = child.stdio[fd] as NodeJS.ReadableStream;
        let text = '';
        for await (const data of pipe) text += data;
        assert.equal(text, 'said\n');
        assert.equal(child.exitCode, null);
        child.kill('SIGTERM');
        assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
      }
    }),
  );

  test(`${name}: what the command closes cannot be written to any more`, needs([]), () =>
    through(async (wrapped) => {
      const child = wrapped(['sh', '-c', `exec <&-; ${GOES_ON}`], { stdio: ['pipe', 'ignore', 'inherit'] });
      const error = once(child.stdin as NodeJS.WritableStream, 'error');
      child.stdin?.write(Buffer.alloc(2 ** 20));
      assert.match(String((await error)[0]), /EPIPE|ECONNRESET/);
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
    }),
  );
}

test('a wrapped program has none of the standard streams that are closed', needs([]), async () => {
  await using session = await startSession({ cameras: ['vivi'], replace: true });
  const look = '[ -L /proc/$$/fd/0 ] || [ -L /proc/$$/fd/2 ] || echo neither';
  const script = 'exec "$0" -c "$1" <&- 2>&-';
  const { end } = start(['sh', '-c', script, session.wrap('sh'), look]);
  assert.equal((await end).text, 'neither\n');
});

/** Sends its arguments, and then all that it is sent. */
function echo(): string {
  const file = join(scratch(), 'echo.mjs');
  const lines = [
    'for (const word of process.argv.slice(2)) process.send(word);',
    "process.on('message', (message) => process.send(message));",
  ];
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function converse(child: ChildProcess): Promise<void> {
  for (const message of ['a word', { n: 1 }, ['many', 'x'.repeat(100_000)]]) {
    child.send(message);
    assert.deepEqual((await once(child, 'message'))[0], message);
  }
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
}

for (const [name, through] of ways.filter(([each]) => each !== 'node usercam run'))
  test(`${name}: Node's channel for messages leads to the command`, needs([]), () =>
    through((wrapped) =>
      converse(
        wrapped([process.execPath, echo()], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], cwd: root }),
      ),
    ),
  );

test('fork() of a wrapped Node talks to it', needs([]), async () => {
  await using session = await startSession({ cameras: ['vivi'], replace: true });
  await converse(fork(echo(), { execPath: session.wrap(process.execPath) }));
});

test('fork() of usercam itself talks to the command, once that has said something', needs([]), async () => {
  const child = fork(usercam, ['run', '--', process.execPath, echo(), 'ready']);
  assert.deepEqual(await once(child, 'message'), ['ready', undefined]);
  await converse(child);
});

test('nothing that Node is asked to say of itself is said by usercam', needs([]), async () => {
  const env = { NODE_DEBUG: 'module,fs,net,worker', NODE_CHANNEL_SERIALIZATION_MODE: 'json' };
  const { end } = start([usercam, 'run', '--', 'sh', '-c', 'echo "$NODE_DEBUG"'], { env });
  const { text, stderr, code } = await end;
  assert.deepEqual([text, stderr, code], [`${env.NODE_DEBUG}\n`, '', 0]);
});
