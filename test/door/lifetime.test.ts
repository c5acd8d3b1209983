/** What is left when somebody dies: a client, the command, the supervisor, usercam itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mayCopyDescriptors } from '../../src/linux/proc-fs.ts';
import {
  client,
  descendants,
  footprint,
  isAlive,
  launcherOf,
  leftovers,
  needs,
  type Running,
  run,
  runUsercam,
  scratch,
  startUsercam,
  supervisorOf,
  underUsercam,
  until,
} from '../support/door.ts';
import { startSession } from '../support/library.ts';

const fast = ['vivi,fps=120'];
const KILLS = 200;
const WARM_UP = 20;

/** Kills `$1` hold as often as a line of standard input says; each time `$2` try must get the buffers. */
const killer = `
mkfifo frames
while read count; do
  while [ "$count" -gt 0 ]; do
    "$1" > frames &
    holder=$!
    read word < frames
    kill -9 $holder
    wait $holder
    "$2"
    count=$((count - 1))
  done
  echo done
done
`;

test('the queue is free at once when a streaming client is killed, 200 times', needs(['gcc']), async () => {
  const command = ['sh', '-c', killer, 'sh', client('hold'), client('try')];
  const running = startUsercam(command, { cameras: fast });
  const answers: string[] = [];
  running.child.stdout?.on('data', (data) => answers.push(...String(data).trim().split('\n')));
  const round = async (count: number) => {
    const before = answers.length;
    running.child.stdin?.write(`${count}\n`);
    await until('the kills', () => answers.slice(before).includes('done') || !isAlive(running.pid));
    // The closes of the last client are still to be seen.
    await until('a quiet supervisor', () => footprint(supervisor).descriptors <= quiet);
    return footprint(supervisor);
  };
  await until('the supervisor', () =>
    descendants(running.pid).some((info) => info.command.startsWith('sh ')),
  );
  const supervisor = supervisorOf(running);
  const quiet = footprint(supervisor).descriptors;
  const before = await round(WARM_UP);
  const after = await round(KILLS);
  running.child.stdin?.end();
  const result = await running.end;
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(
    answers.filter((answer) => answer !== 'OK' && answer !== 'done'),
    [],
  );
  assert.equal(answers.filter((answer) => answer === 'OK').length, WARM_UP + KILLS);
  assert.equal(after.descriptors, before.descriptors, 'descriptors of the supervisor');
  assert.equal(after.children, before.children, 'children of the supervisor');
  const grown = after.kilobytes - before.kilobytes;
  assert.ok(grown < 48 * 1024, `the supervisor has grown by ${grown} kB`);
  assert.deepEqual(leftovers(running.temporary), []);
});

/** `$1` programs that have no camera, and then as many closes of one as a line of standard input says. */
const opener = `
for n in $(seq "$1"); do sleep 1000 & done
echo ready
while read count; do
  while [ "$count" -gt 0 ]; do
    : < /dev/video0
    count=$((count - 1))
  done
  echo done
done
`;
const BYSTANDERS = 40;
const CLOSES = 100;

/** Files and directories that process `pid` has read so far, in pieces. */
const readsOf = (pid: number): number =>
  Number(/^syscr: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1]);

test('at a close nobody is looked at who has no camera', needs([]), async () => {
  const running = startUsercam(['sh', '-c', opener, 'sh', String(BYSTANDERS)], { cameras: fast });
  await running.line('ready');
  const before = readsOf(supervisorOf(running));
  running.child.stdin?.write(`${CLOSES}\n`);
  await running.line('done');
  const reads = (readsOf(supervisorOf(running)) - before) / CLOSES;
  running.child.stdin?.end();
  const { code, stderr } = await running.end;
  assert.equal(code, 0, stderr);
  // What is let go cannot be had back everywhere: then all are looked at first.
  if (mayCopyDescriptors()) assert.ok(reads < BYSTANDERS, `${reads} reads for each close`);
});

/** A child, a grandchild in a session of its own that is an orphan, and the shell: two of them stream. */
const family = `
mkfifo one two
(setsid "$1" /dev/video0 > one &)
"$1" /dev/video1 > two &
read word < one
read word < two
(setsid sleep 1000 &)
echo up
sleep 1000
`;

async function startFamily(): Promise<{ running: Running; pids: readonly number[] }> {
  const cameras = [...fast, ...fast];
  const running = startUsercam(['sh', '-c', family, 'sh', client('hold')], { cameras });
  await running.line('up');
  const named = (name: string) => descendants(running.pid).filter((info) => info.command.includes(name));
  await until(
    'two sleepers',
    () => named('sleep 1000').filter((i) => i.command.startsWith('sleep')).length === 2,
  );
  assert.equal(named('/hold /dev/video').filter((info) => !info.command.startsWith('sh')).length, 2);
  return { running, pids: descendants(running.pid).map((info) => info.pid) };
}

test(
  'a close that nobody sees is noticed although another program copies a camera all the time',
  needs(['gcc']),
  async () => {
    await using session = await startSession({ cameras: ['vivi', 'vivi'] });
    const child = session.spawn(client('putting-off'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    assert.equal(String(await new Promise((resolve) => child.stdout?.on('data', resolve))), 'closed\n');
    const closed = session.cameras[0]?.closed().then(() => true);
    assert.ok(await Promise.race([closed, sleep(5000)]));
    child.stdin?.end();
    assert.equal(await ended, 0);
  },
);

test('the whole tree ends with a message and 125 when the launcher is killed', needs(['gcc']), async () => {
  const { running, pids } = await startFamily();
  process.kill(launcherOf(running), 'SIGKILL');
  const result = await running.end;
  // Before they are ended the clients may see that nobody answers their calls, and say so, too.
  assert.match(result.stderr, /^usercam: the launcher ended \(SIGKILL\).*\n$/m);
  assert.equal(result.code, 125);
  await until('the end of the tree', () => !pids.some(isAlive));
  assert.deepEqual(leftovers(running.temporary), []);
});

test('the whole tree ends and nothing is left when usercam is killed', needs(['gcc']), async () => {
  const { running, pids } = await startFamily();
  process.kill(running.pid, 'SIGKILL');
  await until('the end of the tree', () => !pids.some(isAlive));
  const { stderr, signal } = await running.end;
  assert.match(stderr, /^usercam: usercam was killed; everything it started is ended$/m);
  assert.equal(signal, 'SIGKILL');
  assert.deepEqual(leftovers(running.temporary), []);
});

test('the command ends when usercam and its launcher are killed at one moment', needs([]), async () => {
  const running = startUsercam(['sh', '-c', 'echo up; while :; do sleep 0.1; done']);
  await running.line('up');
  const launcher = launcherOf(running);
  const command = descendants(launcher).find((info) => info.command.startsWith('sh ')) as { pid: number };
  // Stopped, neither can do anything about the end of the other.
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
    for (const pid of [running.pid, launcher]) process.kill(pid, signal);
  await until('the end of the command', () => !isAlive(command.pid));
});

test(
  'an orphan streams to its end and is waited for when the command has ended',
  needs(['gcc']),
  async () => {
    const file = join(scratch(), 'orphan.json');
    const script = '(setsid "$1" /dev/video0 240 > "$2" &); exit 3';
    const command = ['sh', '-c', script, 'sh', client('capture'), file];
    const result = await runUsercam(command, { cameras: fast });
    assert.equal(result.code, 3, result.stderr);
    const { frames, monotonic } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    assert.deepEqual({ frames, monotonic }, { frames: 240, monotonic: true });
  },
);

test('what uses no camera is ended when the command has ended', needs([]), async () => {
  const running = startUsercam(['sh', '-c', '(setsid sleep 1000 &); echo left']);
  await running.line('left');
  const pids = descendants(running.pid).map((info) => info.pid);
  const result = await running.end;
  assert.equal(result.code, 0);
  assert.deepEqual(pids.filter(isAlive), []);
  assert.deepEqual(leftovers(running.temporary), []);
});

test('what the command leaves behind ends although its first thread has', needs(['gcc']), async () => {
  const { code, text } = await runUsercam([client('sleepers'), 'leave-leaderless']);
  const [pid] = text.split('\n');
  assert.deepEqual([code, isAlive(Number(pid))], [0, false]);
});

test('nothing is left when the directory for temporary files may not be listed', needs([]), async () => {
  const script = 'mkdir t && chmod 300 t && TMPDIR=$PWD/t "$@"; code=$?; chmod 700 t; ls -A t; exit $code';
  const result = await run(['sh', '-c', script, 'sh', ...underUsercam(['true'])]);
  assert.deepEqual([result.text, result.stderr, result.code], ['', '', 0]);
});
