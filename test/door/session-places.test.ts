/** Where sessions in the background have their files, and what is left of them: nothing. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isAlive, needs, run, scratch, start, until, usercam } from '../support/door.ts';
import { type Shell, shell } from '../support/session-shell.ts';

const LOCK = '.usercam-lock';

test('a session with a name is found from everywhere, and ends with a process', needs([]), async () => {
  const { ask, env } = shell();
  const other = start(['sleep', '1000']);
  assert.equal((await ask('up', '--session', 'mine', '--until', String(other.pid))).code, 0);
  const place = join(env.XDG_RUNTIME_DIR, `usercam-${process.getuid?.()}`, 'mine');
  assert.ok(existsSync(place));
  const elsewhere = await run([process.execPath, usercam, 'status', '--session', 'mine'], { env });
  assert.match(elsewhere.text, /^\/dev\/video\d+: vivi, 0 frames delivered/);
  process.kill(other.pid, 'SIGKILL');
  await until('the session to end', () => !existsSync(place));
  await other.end;
});

test('a directory that a session is given keeps what is in it', needs([]), async () => {
  const { ask } = shell();
  const wrong = scratch();
  writeFileSync(join(wrong, 'socket'), 'precious');
  const refused = await ask('up', '--session', wrong);
  assert.match(refused.stderr, /^usercam: \S+socket is no socket of a session; choose another directory\n$/);
  assert.equal(refused.code, 2);
  assert.deepEqual(readdirSync(wrong), ['socket']);
  const alike = scratch();
  writeFileSync(join(alike, LOCK), 'precious');
  const { stderr } = await ask('up', '--session', alike);
  assert.match(stderr, /^usercam: \S+lock is no lock of a session; choose another directory\n$/);
  assert.deepEqual(readdirSync(alike), [LOCK]);
});

interface Processes {
  readonly daemon: number;
  readonly launcher: number;
}

/** The processes of the session, which has had a command that was somewhere else. */
async function processesOf({ env }: Shell, session: string): Promise<Processes> {
  const words = ['run', '--session', session, '--', 'sh', '-c', 'echo $PPID; grep PPid /proc/$PPID/status'];
  const { text } = await run([process.execPath, usercam, ...words], { env });
  const [launcher = 0, daemon = 0] = text.match(/\d+/g)?.map(Number) ?? [];
  return { daemon, launcher };
}

for (const end of ['ends', 'is killed'] as const)
  test(
    `a directory that a session was given keeps what is in it when the session ${end}`,
    needs([]),
    async () => {
      const mineAlone = shell();
      const { ask, cwd } = mineAlone;
      const [mine, fresh] = ['./mine', './fresh'] as const;
      mkdirSync(join(cwd, mine), { mode: 0o700 });
      writeFileSync(join(cwd, mine, 'precious'), '');
      for (const directory of [mine, fresh]) {
        assert.equal((await ask('up', '--session', directory)).code, 0);
        assert.ok(existsSync(join(cwd, directory, 'socket')));
        if (end === 'ends') assert.equal((await ask('down', '--session', directory)).code, 0);
        else process.kill((await processesOf(mineAlone, join(cwd, directory))).daemon, 'SIGKILL');
      }
      await until('what is left to go', () => !existsSync(join(cwd, fresh)));
      await until('what is left to go', () => readdirSync(join(cwd, mine)).join() === 'precious');
    },
  );

const unwatched = [
  'unshare',
  '-Ur',
  'sh',
  '-c',
  'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
  'sh',
];

for (const [situation, prefix, needed] of [
  ['', [], []],
  [', also if it may not watch its socket', unwatched, ['user namespaces']],
] as const)
  test(`a session that nobody finds any more ends${situation}`, needs(needed), async () => {
    const { env } = shell();
    // One who is somebody else in a namespace has other names.
    const session = prefix.length === 0 ? 'lost' : join(env.XDG_RUNTIME_DIR, 'lost');
    const begun = await run([...prefix, process.execPath, usercam, 'up', '--session', session], { env });
    assert.deepEqual([begun.stderr, begun.code], ['', 0]);
    const words = ['run', '--session', session, '--', 'sh', '-c', 'echo begun; exec sleep 1000'];
    const running = start([process.execPath, usercam, ...words], { env });
    await running.line('begun');
    for (const name of readdirSync(env.XDG_RUNTIME_DIR))
      rmSync(join(env.XDG_RUNTIME_DIR, name), { recursive: true });
    const { code, stderr } = await running.end;
    assert.equal(stderr, 'usercam: the session has ended, and everything it had started\n');
    assert.equal(code, 125);
  });

test('a session begins under the name of a killed one when that has cleaned up', needs([]), async () => {
  const mine = shell();
  const { ask, env, cwd } = mine;
  assert.equal((await ask('up', '--session', 'mine')).code, 0);
  const { daemon, launcher } = await processesOf(mine, 'mine');
  process.kill(launcher, 'SIGSTOP');
  process.kill(daemon, 'SIGKILL');
  const next = start([process.execPath, usercam, 'up', '--session', 'mine'], { env, cwd, input: '' });
  let said = '';
  next.child.stderr?.on('data', (data) => {
    said += String(data);
  });
  await until('it to wait', () => said.endsWith('\n'));
  assert.match(said, /^usercam: waits until the session that was in \S+mine has ended\n$/);
  process.kill(launcher, 'SIGCONT');
  assert.equal((await next.end).code, 0);
  await until('the end of the first one', () => !existsSync(`/proc/${launcher}`));
  assert.match((await ask('status', '--session', 'mine')).text, /^\/dev\/video\d+: vivi/);
  assert.equal((await ask('down', '--session', 'mine')).code, 0);
  assert.deepEqual(readdirSync(env.XDG_RUNTIME_DIR), []);
});

test('a session is not taken for a killed one, also if its lock is lost', needs([]), async () => {
  const { ask, env } = shell();
  assert.equal((await ask('up', '--session', 'mine')).code, 0);
  rmSync(join(env.XDG_RUNTIME_DIR, `usercam-${process.getuid?.()}`, 'mine', LOCK));
  const { code, stderr } = await ask('up', '--session', 'mine');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^usercam: there is a session in \S+mine already; usercam down --session mine ends it\n$/,
  );
  assert.match((await ask('status', '--session', 'mine')).text, /^\/dev\/video\d+: vivi/);
  assert.equal((await ask('down', '--session', 'mine')).code, 0);
});

test('nothing is left when a session is killed while it ends', needs([]), async () => {
  const mine = shell();
  const { ask, env, cwd } = mine;
  const up = start([process.execPath, usercam, 'up', '--session', 'mine'], { env, cwd, input: '' });
  assert.equal((await up.end).code, 0);
  const { daemon, launcher } = await processesOf(mine, 'mine');
  const down = ask('down', '--session', 'mine');
  // It is the last but one to end: there is no time to lose.
  while (isAlive(launcher)) await setImmediate();
  if (isAlive(daemon)) process.kill(daemon, 'SIGKILL');
  await down;
  assert.deepEqual([readdirSync(up.temporary), readdirSync(env.XDG_RUNTIME_DIR)], [[], []]);
});
