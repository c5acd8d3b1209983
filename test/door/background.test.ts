/** Sessions in the background: the API for tests in TypeScript, and the commands for all others. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Camera, SessionProgram, SpawnSettings } from '../../src/index.ts';
import { devtools, openPage } from '../support/devtools.ts';
import {
  client,
  descendants,
  isAlive,
  needs,
  root,
  run,
  runtime,
  scratch,
  start,
  until,
  usercam,
} from '../support/door.ts';
import { startSession } from '../support/library.ts';
import { shell } from '../support/session-shell.ts';

const owner = fileURLToPath(new URL('../support/session-owner.js', import.meta.url));
const life = fileURLToPath(new URL('../support/session-life.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly text: string;
}

function end(child: SessionProgram): Promise<Ended> {
  let text = '';
  child.stdout?.on('data', (data) => {
    text += String(data);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, text }));
  });
}

const piped: SpawnSettings = { stdio: ['pipe', 'pipe', 'inherit'] };

test('a test waits for what programs do, and hears what they have done', needs(['gcc']), async () => {
  await using session = await startSession({ cameras: ['vivi,size=320x240'], replace: true });
  const [camera] = session.cameras;
  assert.ok(camera);
  assert.equal(camera.node, '/dev/video0');
  const program = session.spawn(client('plug'), ['stay', camera.node], piped);
  const ended = end(program);
  await camera.opened();
  await camera.streaming();
  await camera.frames(5);
  const { programs, plugged, frames, spec } = await camera.status();
  assert.deepEqual([spec, plugged, programs.length], ['vivi,size=320x240', true, 1]);
  assert.equal(programs[0]?.name, 'plug');
  assert.equal(programs[0]?.streaming, true);
  assert.ok(frames >= 5);
  program.kill('SIGTERM');
  await camera.closed();
  const { code, text } = await ended;
  assert.equal(code, 0, text);
});

/** Reads a camera in a thread with a name of its own, as ffmpeg 8 does. */
const threaded = `
import os, sys, threading
def read():
    open("/proc/thread-self/comm", "w").write("demuxer")
    camera = os.open(sys.argv[1], os.O_RDONLY)
    while True: os.read(camera, 1000000)
open("/proc/self/comm", "w").write(sys.argv[2])
threading.Thread(target=read).start()
`;

test(
  'each camera tells the program that has it, whichever thread that asks with',
  needs(['python3']),
  async () => {
    await using session = await startSession({ cameras: ['vivi', 'vivi'], replace: true });
    const names = ['one', 'other'];
    for (const [i, { node }] of session.cameras.entries())
      session.spawn('python3', ['-c', threaded, node, names[i] as string]);
    await Promise.all(session.cameras.map((camera) => camera.opened()));
    // Whichever was served last.
    for (let i = 0; i < 5; i++) {
      const told = await Promise.all(session.cameras.map(async (camera) => (await camera.status()).programs));
      const programs = told.flat();
      assert.deepEqual(
        programs.map(({ name }) => name),
        names,
      );
      for (const { pid, name } of programs)
        assert.equal(readFileSync(`/proc/${pid}/comm`, 'utf8'), `${name}\n`);
    }
  },
);

test(
  'what is waited for is given up when the program has ended that could have done it',
  needs(['v4l2-ctl']),
  async () => {
    await using session = await startSession({ cameras: ['vivi,fps=max', 'vivi'], replace: true });
    const [camera, other] = session.cameras;
    assert.ok(camera && other);
    const stream = (node: string, ...more: readonly string[]) =>
      session.spawn('v4l2-ctl', ['-d', node, '--stream-mmap', ...more], { stdio: 'ignore' });
    const endless = stream(other.node);
    await other.streaming();
    const given = assert.rejects(
      camera.frames(1000),
      /\/dev\/video0 gave \d+ of 1000 frames: the program that streamed from it has ended$/,
    );
    stream(camera.node, '--stream-count=5');
    await given;
    const never = assert.rejects(
      camera.streaming(),
      /\/dev\/video0 was not streaming: no program runs any more/,
    );
    endless.kill('SIGTERM');
    await never;
  },
);

test('cameras come and go at the word of a test', needs(['gcc']), async () => {
  await using session = await startSession({ cameras: ['vivi'], replace: true });
  const [first] = session.cameras;
  assert.ok(first);
  const program = session.spawn(client('plug'), ['stream'], piped);
  const ended = end(program);
  const second = await session.add('vivi,fps=max');
  assert.deepEqual([first.node, second.node], ['/dev/video0', '/dev/video1']);
  for (let round = 0; round < 5; round++) {
    await second.frames(3);
    await second.unplug();
    assert.equal((await second.status()).plugged, false);
    await second.plug();
    assert.equal(second.node, '/dev/video1');
  }
  await second.streaming();
  const unplugged = assert.rejects(second.frames(1e9), /\/dev\/video1 was unplugged while it was waited for/);
  await second.remove();
  await unplugged;
  await assert.rejects(second.status(), /has been removed/);
  await assert.rejects(second.plug(), /there is no camera \/dev\/video1; there are \/dev\/video0/);
  program.kill('SIGTERM');
  const { code, text } = await ended;
  assert.equal(code, 0, text);
  const said = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { unplugged: number };
  assert.ok(said.unplugged >= 5, text);
});

/** Opens what a descriptor names that was made by O_PATH: one of now, and one of before the camera was plugged in anew. */
const namedAnew = `
import os
def named():
    return os.open("/dev/video0", os.O_PATH)
def opens(fd):
    os.close(os.open("/proc/self/fd/%d" % fd, os.O_RDWR))
before = named()
opens(before)
print("ready", flush=True)
input()
opens(named())
opens(before)
print("opened", os.fstat(before).st_rdev == os.stat("/dev/video0").st_rdev)
`;

test(
  'a descriptor that names a camera names the one that has its number now',
  needs(['python3']),
  async () => {
    await using session = await startSession({ cameras: ['vivi'], replace: true });
    const [camera] = session.cameras;
    const program = session.spawn('python3', ['-c', namedAnew], piped);
    const ended = end(program);
    await new Promise((resolve) => program.stdout?.on('data', resolve));
    await camera?.unplug();
    await camera?.plug();
    program.stdin?.end('\n');
    assert.deepEqual(await ended, { code: 0, signal: null, text: 'ready\nopened True\n' });
  },
);

test('what a program hands over is no frame that it was given', needs(['v4l2-ctl']), async () => {
  await using session = await startSession({ cameras: ['loopback'], replace: true });
  const [camera] = session.cameras;
  assert.ok(camera);
  const script = `head -c 1000000 /dev/zero > ${camera.node}
    head -c 10000000 /dev/zero | v4l2-ctl -d ${camera.node} --stream-out-mmap --stream-count=5 --stream-from=-`;
  assert.equal((await end(session.spawn('sh', ['-c', script], { stdio: 'ignore' }))).code, 0);
  assert.deepEqual([(await camera.status()).frames, (await camera.status()).dropped], [0, 0]);
});

test('controls are set from outside, and a wrong name is told with what was meant', needs([]), async () => {
  await using session = await startSession({ cameras: ['loopback'], replace: true });
  const [camera] = session.cameras;
  assert.ok(camera);
  const { controls } = await camera.status();
  const [name = ''] = Object.keys(controls);
  await camera.set({ [name]: 1 });
  assert.equal((await camera.status()).controls[name], 1);
  await assert.rejects(camera.set({ [`${name}x`]: 1 }), new RegExp(`did you mean ${name}\\?`));
  await assert.rejects(camera.set({ [name]: 'much' }), /is a whole number/);
  await assert.rejects(camera.show('film.mp4'), /makes its own picture/);
});

const words = ['', 'two words', '"', "it's", '$HOME', '\\', '*', 'ä'];

test(
  'a program has the arguments, streams, descriptors, directory and environment of who starts it',
  needs([]),
  async () => {
    await using session = await startSession();
    const directory = scratch();
    writeFileSync(join(directory, 'file'), 'of another descriptor\n');
    const other = openSync(join(directory, 'file'), 'r');
    const script = 'pwd; umask; echo "$VALUE" "$USERCAM_DEVICES"; cat; cat <&5; printf "<%s>" "$@"; exit 7';
    const wrapped = session.wrap('/bin/sh');
    const child = spawn(wrapped, ['-c', script, 'sh', ...words], {
      cwd: directory,
      env: { ...process.env, VALUE: 'a value' },
      stdio: ['pipe', 'pipe', 'inherit', 'ignore', 'ignore', other],
    });
    child.stdin?.end('of the input\n');
    const { code, text } = await end(child);
    const [where, umask, value, input, fromOther, given] = text.split('\n');
    assert.equal(where, directory);
    assert.equal(Number.parseInt(umask ?? '', 8), process.umask());
    assert.equal(value, `a value ${session.cameras[0]?.node}`);
    assert.deepEqual([input, fromOther], ['of the input', 'of another descriptor']);
    assert.equal(given, words.map((word) => `<${word}>`).join(''));
    assert.equal(code, 7);
  },
);

test('signals reach the program, and it ends as it ends', needs([]), async () => {
  await using session = await startSession();
  const child = session.spawn(
    'sh',
    ['-c', 'trap "echo heard" USR1; echo ready; while :; do sleep 0.05; done'],
    piped,
  );
  const ended = end(child);
  let said = '';
  child.stdout?.on('data', (data) => {
    said += String(data);
  });
  await until('the program', () => said.includes('ready'));
  child.kill('SIGUSR1');
  await until('the signal', () => said.includes('heard'));
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: null, signal: 'SIGTERM', text: 'ready\nheard\n' });
});

test('a program ends with who started it, and the session goes on', needs([]), async () => {
  await using session = await startSession();
  const child = session.spawn('sh', ['-c', 'sleep 1000 & echo $$ $!; wait'], piped);
  let said = '';
  child.stdout?.on('data', (data) => {
    said += String(data);
  });
  await until('the program', () => said.includes('\n'));
  const pids = said.trim().split(' ').map(Number);
  assert.ok(pids.every(isAlive));
  child.kill('SIGKILL');
  await until('its end', () => !pids.some(isAlive));
  assert.equal((await end(session.spawn('true', [], piped))).code, 0);
});

/** A page that keeps what it hears. */
const watcher = `<!doctype html><script>
const { mediaDevices } = navigator;
const changed = new Promise((resolve) => {
  mediaDevices.addEventListener('devicechange', () => resolve('changed'));
});
let tell;
const ended = new Promise((resolve) => { tell = resolve; });
const cameras = async () =>
  (await mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput').length;
const look = async () => {
  const [track] = (await mediaDevices.getUserMedia({ video: true })).getTracks();
  track.addEventListener('ended', () => tell(track.readyState));
};
</script>`;

/** A browser as Playwright starts it: an executable that is given, with two pipes as its descriptors 3 and 4. */
test(
  'Chromium is started by somebody else, and hears that a camera is plugged in',
  needs(['chromium']),
  async () => {
    await using session = await startSession({ cameras: [], replace: true });
    const home = scratch();
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const options = ['--headless', '--disable-gpu', '--no-first-run', `--user-data-dir=${home}/user`];
    const child = spawn(
      session.wrap('chromium'),
      [...options, '--use-fake-ui-for-media-stream', ...sandbox, '--remote-debugging-pipe'],
      { env: { ...process.env, HOME: home }, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const ended = end(child);
    const server = createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end(watcher),
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const page = await openPage(devtools(child.stdio[3] as Writable, child.stdio[4] as Readable), url);
    // By its answer the browser has heard that somebody listens for changes.
    assert.equal(await page('cameras()'), 0);
    const camera = await session.add('vivi');
    assert.equal(await page('changed'), 'changed');
    await page('look()');
    await camera.frames(10);
    assert.equal((await camera.status()).programs[0]?.streaming, true);
    await camera.unplug();
    assert.equal(await page('ended'), 'ended');
    child.kill('SIGTERM');
    await ended;
    server.close();
  },
);

/** The processes below `pid` and the directory of its session, once it has said them. */
async function startOwner() {
  const running = start([runtime, owner]);
  let said = '';
  running.child.stdout?.on('data', (data) => {
    said += String(data);
  });
  await until('the session', () => said.includes('\n'));
  const [place = '', command = ''] = said.trim().split(' ');
  const pids = descendants(running.pid).map(({ pid }) => pid);
  assert.ok(pids.includes(Number(command)));
  const find = (program: string) =>
    descendants(running.pid).find((info) => info.command.includes(program))?.pid as number;
  return { running, place, pids, host: find('daemon.js'), launcher: find('launcher.js') };
}

const TEMPORARY = /^(usercam-|s-)/;

for (const victim of ['the test', 'the session'] as const)
  test(`nothing is left when ${victim} is killed`, needs([]), async () => {
    const { running, place, pids, host, launcher } = await startOwner();
    assert.ok(existsSync(place));
    // Who cleans up may come late, when the test has begun to.
    if (victim === 'the session') process.kill(launcher, 'SIGSTOP');
    process.kill(victim === 'the test' ? running.pid : host, 'SIGKILL');
    await until('the files to go', () => !existsSync(place));
    if (victim === 'the session') process.kill(launcher, 'SIGCONT');
    await until('all to end', () => !pids.some((pid) => pid !== running.pid && isAlive(pid)));
    await until(
      'the other files to go',
      () => !readdirSync(running.temporary).some((name) => TEMPORARY.test(name)),
    );
    if (victim === 'the session') process.kill(running.pid, 'SIGKILL');
    const { stderr } = await running.end;
    if (victim === 'the session')
      assert.match(stderr, /usercam: the session has ended, and everything it had started/);
  });

const heardInLife = ['opened', 'exit code 0', 'closed', 'wrapped', 'ended', 'exit code 125', ''];

test('a session begins, serves and ends for whoever runs it', needs(['gcc']), async () => {
  const { code, text, stderr } = await run([runtime, life, client('plug')]);
  assert.deepEqual([stderr, code], ['', 0]);
  assert.deepEqual(text.split('\n'), heardInLife);
});

test(
  'a session begins where the global object is a page, as in Jest with jsdom',
  needs(['gcc']),
  async () => {
    const page = 'data:text/javascript,delete globalThis.TextEncoder; delete globalThis.TextDecoder';
    const { code, text, stderr } = await run([process.execPath, '--import', page, life, client('plug')]);
    assert.deepEqual([stderr, code], ['', 0]);
    assert.deepEqual(text.split('\n'), heardInLife);
  },
);

for (const order of ['', '{"place":'])
  test(
    `a session ends with who started it before it was told all: ${order || 'nothing'}`,
    needs([]),
    async () => {
      const program = join(root, 'dist/src/bundle/daemon.js');
      const child = spawn(runtime, [program], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
      const ended = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
      (child.stdio[3] as Writable).end(order);
      assert.deepEqual(await ended, [2, null]);
    },
  );

test('the test cleans up for a session when nobody else can', needs([]), async () => {
  const { running, place, pids, host } = await startOwner();
  const others = descendants(host).map(({ pid }) => pid);
  for (const pid of [host, ...others]) process.kill(pid, 'SIGSTOP');
  for (const pid of [host, ...others]) process.kill(pid, 'SIGKILL');
  await until('the files to go', () => !existsSync(place));
  await until('all to end', () => !pids.some((pid) => pid !== running.pid && isAlive(pid)));
  process.kill(running.pid, 'SIGKILL');
  await running.end;
});

test(
  'sessions are started and ended many times, several at once, each with its own cameras',
  needs([]),
  async () => {
    const before = descendants(process.pid).length;
    for (let round = 0; round < 3; round++) {
      const sessions = await Promise.all(
        Array.from({ length: 3 }, (_, i) =>
          startSession({ cameras: Array.from({ length: i + 1 }, () => 'vivi'), replace: true }),
        ),
      );
      const script = 'ls /dev | grep -c "^video"';
      const counts = await Promise.all(
        sessions.map(async (session) => (await end(session.spawn('sh', ['-c', script], piped))).text.trim()),
      );
      assert.deepEqual(counts, ['1', '2', '3']);
      await Promise.all(sessions.map((session) => session.end()));
      assert.deepEqual(
        sessions.filter(({ name }) => existsSync(name)).map(({ name }) => name),
        [],
      );
    }
    assert.equal(descendants(process.pid).length, before);
  },
);

/** The threads that make their pictures may be at any point of their start then. */
test(
  'a session that ends while cameras begin to show something leaves nothing',
  needs(['v4l2-ctl']),
  async () => {
    const cameras = Array.from({ length: 12 }, () => 'webcam,source=pattern:red');
    const all = 'for node in $USERCAM_DEVICES; do v4l2-ctl -d $node --stream-mmap & done; wait';
    for (let round = 0; round < 8; round++) {
      const session = await startSession({ cameras, replace: true });
      session.spawn('sh', ['-c', all], { stdio: 'ignore' });
      await Promise.race(session.cameras.map((camera) => camera.streaming()));
      await sleep(10 * (1 + (round % 3)));
      await session.end();
      assert.ok(!existsSync(session.name));
    }
  },
);

test('a session may be told more at its start than a pipe holds', needs([]), async () => {
  const cameras = Array.from({ length: 40 }, () => `webcam,source=qr:${'x'.repeat(2000)}`);
  await using session = await startSession({ cameras, replace: true });
  assert.equal(session.cameras.length, cameras.length);
});

test('what cannot be is told by one sentence', needs([]), async () => {
  await assert.rejects(startSession({ cameras: ['vivy'] }), /did you mean vivi\?/);
  await using session = await startSession();
  await assert.rejects(session.add('vivi,size=1'), /size=1/);
  const { code } = await end(session.spawn('/nowhere', [], { stdio: ['ignore', 'pipe', 'ignore'] }));
  assert.equal(code, 127);
});

/** As they come from JavaScript, where no compiler tells; and how the sentence begins that does. */
const wrongSettings: readonly (readonly [given: unknown, said: string])[] = [
  [null, "what startSession() is given is null: write { cameras: ['vivi'] }"],
  [['webcam'], "what startSession() is given is an array: write { cameras: ['vivi'] }"],
  ['webcam', 'what startSession() is given is "webcam": write'],
  [{ camera: 'webcam' }, 'startSession() has no setting "camera": did you mean cameras?'],
  [{ watch: true }, 'startSession() has no setting "watch": it has cameras, config, replace, report'],
  [{ cameras: 'vivi' }, `"cameras" is "vivi": write an array, such as ['vivi']`],
  [{ cameras: null }, '"cameras" is null: write an array'],
  [{ cameras: [42] }, `"cameras[0]" is 42: write it as after --camera, such as 'webcam,fps=25'`],
  [{ cameras: ['vivi', { camera: 'vivi' }] }, '"cameras[1]" is an object: write it as after --camera'],
  [{ config: 7 }, '"config" is 7: write the path of a file'],
  [{ replace: 'yes' }, '"replace" is "yes": write true or false'],
  [{ report: 'console' }, '"report" is "console": write a function'],
];

const wrongCalls: readonly (readonly [call: string, args: readonly unknown[], said: string])[] = [
  ['add', [undefined], 'the camera for add() is undefined: write it as after --camera'],
  ['add', [{ camera: 'vivi' }], 'the camera for add() is an object: write it as after --camera'],
  ['show', [7], 'the source for show() is 7: write it as after source='],
  ['set', [undefined], 'what set() is given is undefined: write controls, such as { brightness: 200 }'],
  ['set', [{ brightness: {} }], '"brightness" is an object: write a number or a text'],
  ['set', [{ brightness: Number.NaN }], '"brightness" is NaN: write a number or a text'],
  ['frames', ['x'], 'the count for frames() is "x": write how many frames there shall be'],
  ['frames', [Number.NaN], 'the count for frames() is NaN: write'],
  ['frames', [-1], 'the count for frames() is -1: write'],
  ['frames', [], 'the count for frames() is undefined: write'],
  ['change', [null], 'the mode for change() is null: write'],
  ['change', [{ sise: '1x1' }], 'change() has no setting "sise": did you mean size?'],
  ['change', [{ size: {} }], `"size" is an object: write it as '1280x720'`],
  ['change', [{ fps: null }], `"fps" is null: write a number, or a fraction as '30000/1001'`],
  ['freeze', [], 'the argument of freeze() is undefined: write true or false'],
  ['blank', ['on'], 'the argument of blank() is "on": write true or false'],
];

const wrongPrograms: readonly (readonly [call: 'spawn' | 'wrap', args: readonly unknown[], said: string])[] =
  [
    ['spawn', [], 'the command for spawn() is undefined: write'],
    ['spawn', ['ls', { stdio: 'inherit' }], 'the second argument of spawn() is an object: write an array'],
    ['spawn', ['ls', [], null], 'the third argument of spawn() is null: write settings'],
    ['wrap', [7], 'the executable for wrap() is 7: write'],
  ];

type Calls = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** The beginning of a sentence, and no more than one line. */
function isSaid({ name, message }: Error, said: string): true {
  assert.deepEqual([name, message.slice(0, said.length)], ['Error', said]);
  assert.doesNotMatch(message, /\n|bug:/);
  return true;
}

test('what JavaScript gets wrong is told by one sentence, with the mend', needs([]), async () => {
  for (const [given, said] of wrongSettings)
    await assert.rejects(
      () => startSession(given as never),
      (error: Error) => isSaid(error, said),
    );
  await using session = await startSession({ cameras: [], replace: true });
  const camera = await session.add('vivi');
  for (const [call, args, said] of wrongCalls) {
    const calls = (call === 'add' ? session : camera) as unknown as Calls;
    const answer = calls[call]?.(...args) as Promise<unknown>;
    await assert.rejects(answer, (error: Error) => isSaid(error, said));
  }
  const calls = session as unknown as Calls;
  for (const [call, args, said] of wrongPrograms)
    assert.throws(
      () => calls[call]?.(...args),
      (error: Error) => isSaid(error, said),
    );
  await camera.frames(0);
  await camera.set({ boolean: 0, brightness: '7' });
});

test('a session that has ended says so, whatever is asked of it', needs([]), async () => {
  const session = await startSession({ replace: true });
  const [camera] = session.cameras;
  const ended = /^the session has ended$/;
  const end = session.end();
  for (let round = 0; round < 2; round++) {
    assert.throws(() => session.spawn('true'), { message: ended });
    assert.throws(() => session.wrap('/bin/true'), { message: ended });
    await assert.rejects(session.add('vivi'), { message: ended });
    await assert.rejects(session.status(), { message: ended });
    await assert.rejects((camera as Camera).frames(1), { message: ended });
    await end;
  }
  await session.end();
});

test('a session is steered from the shell', needs(['gcc']), async () => {
  const { ask, env, cwd } = shell();
  const { text, code, stderr } = await ask('up', '--replace', '-c', 'vivi', '-c', 'loopback');
  assert.deepEqual([text, stderr, code], ['/dev/video0\n/dev/video1\n/dev/video2\n', '', 0]);
  assert.match(
    (await ask('up')).stderr,
    /^usercam: there is a session in .* already; usercam down ends it\n$/,
  );
  const program = [process.execPath, usercam, 'run', '--session', '--', client('plug'), 'stay'];
  const running = start(program, { env, cwd });
  assert.equal((await ask('wait', '/dev/video0', 'frames=3')).code, 0);
  const status = JSON.parse((await ask('status', '--json')).text) as { programs: { name: string }[] }[];
  assert.deepEqual(
    status.map(({ programs }) => programs.map(({ name }) => name)),
    [['plug'], []],
  );
  process.kill(running.pid, 'SIGTERM');
  assert.equal((await running.end).code, 0);
  assert.equal((await ask('wait', '0', 'closed')).code, 0);
  assert.equal((await ask('unplug', 'video0')).code, 0);
  assert.match((await ask('status')).text, /^\/dev\/video0: vivi, unplugged$/m);
  const listed = await ask('run', '--session', '--', 'sh', '-c', 'ls /dev | grep ^video');
  assert.equal(listed.text, 'video1\nvideo2\n');
  assert.equal((await ask('plug', 'video0')).code, 0);
  assert.equal((await ask('add', 'vivi')).text, '/dev/video3\n');
  assert.equal((await ask('remove', '3')).code, 0);
  assert.deepEqual(
    { ...(await ask('down')), stdout: null },
    { code: 0, signal: null, text: '', stderr: '', stdout: null },
  );
  assert.match(
    (await ask('status')).stderr,
    /^usercam: there is no session for this directory; start one with usercam up\n$/,
  );
});
