/** Who asks a session in the background may go away at any moment, and may write anything. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraSession } from '../../src/index.ts';
import { connectTo } from '../../src/session/host/connections.ts';
import { descendants, needs, run, runtime, until, usercam } from '../support/door.ts';
import { startSession } from '../support/library.ts';
import { shell } from '../support/session-shell.ts';

/** A connection to `session`, over which these descriptors came first. */
function connect({ name }: CameraSession, descriptors: readonly number[] = []) {
  const socket = connectTo(join(name, 'socket'), descriptors);
  assert.ok(socket);
  socket.setEncoding('utf8');
  return socket;
}

async function goesOn(session: CameraSession): Promise<void> {
  const child = session.spawn('true', [], { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0);
}

test('a command ends with who asked for it, also if he has gone before it begins', needs([]), async () => {
  await using session = await startSession();
  const directory = openSync('/', constants.O_DIRECTORY);
  const mark = `exec sleep 1000.${process.pid}`;
  const given = {
    command: ['sh', '-c', mark],
    environment: ['PATH=/usr/bin:/bin'],
    ...{ ignored: [], blocked: [], descriptorLimit: null, descriptors: [1, 2], umask: 0o22 },
  };
  for (let round = 0; round < 20; round++) {
    const socket = connect(session, [directory, 1, 2]);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(`${JSON.stringify({ id: 0, call: 'run', given })}\n`, () => socket.destroy());
    await closed;
  }
  closeSync(directory);
  await goesOn(session);
  const left = () => descendants(process.pid).filter(({ command }) => command.includes(mark.slice(5)));
  await until('the commands to end', () => left().length === 0, 5000);
});

for (const text of ['hello', 'null', '{', ''])
  test(`a session lets go who says "${text}", and goes on`, needs([]), async () => {
    await using session = await startSession();
    const socket = connect(session);
    let heard = '';
    socket.on('data', (data: string) => {
      heard += data;
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(`${text}\n`);
    await closed;
    assert.deepEqual(JSON.parse(heard), { kind: 'report', text: 'that is no request' });
    await goesOn(session);
  });

/** What the session's process keeps in memory that is its own, in bytes. */
function memoryOfSession(): number {
  const pid = descendants(process.pid).find(({ command }) => command.includes('daemon.js'))?.pid;
  const [, kilobytes] = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Writes `piece` to `socket` until it is closed, takes nothing for a while, or has had `most` of them. */
async function flood(socket: Socket, piece: string, most: number): Promise<void> {
  for (let n = 0; n < most && !socket.destroyed; n++) {
    if (socket.write(piece)) continue;
    const goesOn = [once(socket, 'drain'), once(socket, 'close')].map((event) => event.then(() => true));
    const isTaken = await Promise.race([...goesOn, sleep(3000, false)]).catch(() => false);
    if (!isTaken) return;
  }
}

test(
  'a session closes the connection of who says what never ends, and does not keep it',
  needs([]),
  async () => {
    await using session = await startSession();
    const before = memoryOfSession();
    const socket = connect(session).resume();
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await flood(socket, 'x'.repeat(2 ** 20), 300);
    await closed;
    assert.ok(memoryOfSession() - before < 200 * 2 ** 20, `${memoryOfSession() - before} bytes more`);
    await goesOn(session);
  },
);

test('a session serves nothing of what comes after what is no request', needs([]), async () => {
  await using session = await startSession();
  const socket = connect(session);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => {});
  const add = JSON.stringify({ id: 0, call: 'add', given: 'vivi' });
  socket.resume().write('no\n');
  for (let n = 0; n < 20 && !socket.destroyed; n++) {
    socket.write(`${add}\n`);
    await sleep(1);
  }
  await closed;
  assert.equal((await session.status()).length, 1);
});

test('who asks a session without end and reads no answer does not fill its memory', needs([]), async () => {
  await using session = await startSession();
  const before = memoryOfSession();
  const socket = connect(session);
  socket.on('error', () => {});
  const asks = `${JSON.stringify({ id: 0, call: 'status' })}\n`.repeat(2000);
  socket.pause();
  await flood(socket, asks, 60);
  assert.ok(memoryOfSession() - before < 150 * 2 ** 20, `${memoryOfSession() - before} bytes more`);
  socket.destroy();
  await goesOn(session);
});

test('a session says so of what a request cannot be given, and goes on', needs([]), async () => {
  await using session = await startSession();
  const node = '/dev/video0';
  const order = {
    ...{ command: ['true'], environment: [], ignored: [], blocked: [] },
    ...{ descriptorLimit: null, descriptors: [], umask: 0o22 },
  };
  const wrong: readonly (readonly [call: unknown, given: unknown])[] = [
    ...['add', 'remove', 'plug', 'show', 'set', 'receive', 'wait', 'signal', 'trace', 'run'].flatMap(
      (call) => [[call, null] as const, [call, {}] as const, [call, 5] as const],
    ),
    ['set', { node, controls: { brightness: [1] } }],
    ['wait', { node, until: { kind: 'frames', count: 'many' } }],
    ['trace', ['ioctl', null]],
    ['signal', { signal: 0.5, group: true }],
    ['run', { ...order, command: [5] }],
    ['run', { ...order, umask: -1 }],
    ['run', { ...order, umask: 1e300 }],
    ['run', { ...order, descriptors: [-5] }],
    ['__proto__', {}],
    [{}, {}],
  ];
  for (const [call, given] of wrong) {
    const socket = connect(session);
    socket.write(`${JSON.stringify({ id: 7, call, given })}\n`);
    const [reply] = (await once(socket, 'data')) as [string];
    const { kind, id, text } = JSON.parse(reply) as { kind: string; id: number; text: string };
    assert.deepEqual([kind, id], ['error', 7], reply);
    assert.match(text, /^(there is no request |that is nothing that a request )/);
    socket.destroy();
  }
  await goesOn(session);
});

test('a session says so of a request that it does not know', needs([]), async () => {
  await using session = await startSession();
  for (const call of ['nothing', 'toString', 'end', 'openFiles']) {
    const socket = connect(session);
    socket.write(`${JSON.stringify({ id: 3, call })}\n`);
    const heard = await new Promise<string>((resolve) => socket.on('data', resolve));
    assert.deepEqual(JSON.parse(heard), { kind: 'error', id: 3, text: `there is no request ${call}` });
    socket.destroy();
  }
  await goesOn(session);
});

/** Somebody who connects to a socket and says nothing. */
async function connectSilently(path: string): Promise<Socket> {
  for (;;) {
    const socket = createConnection(path);
    const isConnected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      // As many as may wait do.
      socket.on('error', () => resolve(false));
    });
    if (isConnected) return socket;
    await sleep(10);
  }
}

test('who connects to a session and says nothing holds up nobody else', needs([]), async () => {
  await using session = await startSession();
  const silent: Socket[] = [];
  for (let i = 0; i < 20; i++) silent.push(await connectSilently(join(session.name, 'socket')));
  const begun = performance.now();
  for (let i = 0; i < 3; i++) await goesOn(session);
  // Such a connection is given ten seconds.
  assert.ok(performance.now() - begun < 8000);
  for (const socket of silent) assert.equal(socket.destroyed, false);
  for (const socket of silent) socket.destroy();
});

/** A session in the background that may have only few descriptors. */
async function smallSession() {
  const mine = shell();
  const { ask, env, cwd } = mine;
  const up = [runtime, usercam, 'up', '--session', './small'];
  const { code, stderr } = await run(['bash', '-c', 'ulimit -n 300; exec "$@"', 'bash', ...up], { env, cwd });
  assert.deepEqual([stderr, code], ['', 0]);
  const parents = 'echo $PPID; grep PPid /proc/$PPID/status';
  const { text } = await ask('run', '--session', './small', '--', 'sh', '-c', parents);
  const [, daemon = 0] = text.match(/\d+/g)?.map(Number) ?? [];
  assert.ok(daemon > 0);
  return { ...mine, daemon, socket: join(cwd, 'small', 'socket') };
}

/** In hundredths of a second. */
function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return user + system;
}

test(
  'a session without room for those who come waits, and goes on when they go',
  needs(['bash']),
  async () => {
    const { ask, daemon, socket } = await smallSession();
    const clients = Array.from({ length: 320 }, () => connectTo(socket));
    await sleep(500);
    const before = processorTime(daemon);
    await sleep(1000);
    assert.ok(processorTime(daemon) - before < 50);
    for (const client of clients) client?.destroy();
    const { text, code } = await ask('run', '--session', './small', '--', 'echo', 'hello');
    assert.deepEqual([text, code], ['hello\n', 0]);
    await ask('down', '--session', './small');
  },
);

test('who says nothing to a session makes room for who has something to say', needs(['bash']), async () => {
  const { ask, socket } = await smallSession();
  const silent: Socket[] = [];
  for (let i = 0; i < 400; i++) silent.push(await connectSilently(socket));
  const begun = performance.now();
  const { text, code } = await ask('run', '--session', './small', '--', 'echo', 'hello');
  assert.deepEqual([text, code], ['hello\n', 0]);
  assert.ok(performance.now() - begun < 8000);
  for (const each of silent) each.destroy();
  await ask('down', '--session', './small');
});

test(
  'a command with descriptors that a session has no room for does not begin',
  needs(['bash']),
  async () => {
    const { ask, env, cwd } = await smallSession();
    const words = [runtime, usercam, 'run', '--session', './small', '--', 'echo', 'hello'];
    const inherits = ['bash', '-c', 'exec 350</dev/zero; exec "$@"', 'bash', ...words];
    const { text, stderr, code } = await run(inherits, { env, cwd });
    assert.deepEqual([text, code], ['', 2]);
    assert.match(stderr, /^usercam: [^\n]*descriptors cannot be received[^\n]*\n$/);
    await ask('down', '--session', './small');
  },
);
