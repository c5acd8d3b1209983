/** Cameras that come and go, as programs notice it that wait for it: events of devices, names in /dev. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  client,
  footprint,
  json,
  needs,
  python,
  type Running,
  run,
  runUsercam,
  scratch,
  start,
  until,
} from '../support/door.ts';

const host = fileURLToPath(new URL('../support/plug-host.js', import.meta.url));

/** So many sockets has `uevents many`, and for each we have two. */
const ROUNDS = 50;

interface Plugged extends Running {
  /** Has the session do something, see `plug-host.ts`. */
  plug(line: string): void;
}

/** Starts a command in a session without cameras. */
function startPlugged(command: readonly string[], env: Readonly<Record<string, string>> = {}): Plugged {
  const running = start([process.execPath, host, ...command], { env });
  return { ...running, plug: (line) => void running.child.stdin?.write(`${line}\n`) };
}

/** Waits until standard output has `count` of what `pattern` finds. */
function saidWatch({ child }: Running): (pattern: RegExp, count?: number) => Promise<void> {
  let said = '';
  child.stdout?.on('data', (data) => {
    said += String(data);
  });
  return (pattern, count = 1) =>
    until(`${count} of ${pattern}`, () => [...said.matchAll(new RegExp(pattern, 'gm'))].length >= count);
}

for (const role of ['netlink', 'inotify'])
  test(`a program hears of a camera by ${role}`, needs(['gcc']), async () => {
    const running = startPlugged([client('uevents'), role]);
    const said = saidWatch(running);
    await said(/^ready$/);
    running.plug('add vivi');
    await said(/^ready$/, 2);
    running.plug('remove /dev/video0');
    const result = await running.end;
    assert.deepEqual([result.stderr, result.code], ['', 0]);
    assert.equal(json(result).wrong, 0);
  });

for (const [role, title] of Object.entries({
  many: 'of a socket that nobody has any more nothing is left',
  more: 'of a socket that nobody has any more nothing is left while others come and go',
}))
  test(title, needs(['gcc']), async () => {
    const running = startPlugged([client('uevents'), role]);
    const said = saidWatch(running);
    await said(/^ready$/);
    const isClosed = () => footprint(running.pid).descriptors < 2 * ROUNDS;
    await until('the sockets to be closed', isClosed, 10_000);
    process.kill(running.pid, 'SIGTERM');
    await running.end;
  });

test('udevadm hears of all, the kernel first', needs(['udevadm']), async () => {
  const running = startPlugged(['stdbuf', '-oL', 'udevadm', 'monitor', '-s', 'video4linux']);
  const said = saidWatch(running);
  await said(/KERNEL - /);
  running.plug('add vivi');
  await said(/^UDEV *\[/);
  running.plug('change /dev/video0');
  await said(/^UDEV *\[/, 2);
  running.plug('remove /dev/video0');
  await said(/^UDEV *\[/, 3);
  process.kill(running.pid, 'SIGTERM');
  const { text } = await running.end;
  const heard = [...text.matchAll(/^(KERNEL|UDEV) *\[[\d.]+\] (\w+) +(\S+)/gm)].map(([, ...words]) => words);
  const path = '/devices/virtual/video4linux/video0';
  assert.deepEqual(
    heard,
    ['add', 'change', 'remove'].flatMap((action) => [
      ['KERNEL', action, path],
      ['UDEV', action, path],
    ]),
  );
});

const inFlight = `
import select, socket, time
listening = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 15)
listening.bind((0, 1))
here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
socket.send_fds(here, [b'x'], [listening.fileno()])
listening.close()
time.sleep(2.5)
poll = select.poll()
poll.register(socket.recv_fds(there, 1, 1)[1][0], 0)
print(poll.poll(0))
`;

test('who listens goes on when the socket is on its way to somebody for long', needs([python]), async () => {
  const plain = await run([python, '-c', inFlight]);
  const { text, stderr } = await runUsercam([python, '-c', inFlight]);
  assert.deepEqual([text, stderr], [plain.text, '']);
});

test('GStreamer tells of devices that come and go', needs(['gst-device-monitor', 'gstreamer']), async () => {
  const running = startPlugged(['stdbuf', '-oL', 'gst-device-monitor-1.0', '-f', 'Video/Source']);
  const said = saidWatch(running);
  await said(/Monitoring devices/);
  running.plug('add vivi');
  await said(/device\.path = \/dev\/video0/);
  running.plug('add vivi');
  await said(/device\.path = \/dev\/video1/);
  running.plug('remove /dev/video0');
  await said(/Device removed/);
  process.kill(running.pid, 'SIGTERM');
  await running.end;
});

/** Tells the server each step that it has seen. */
const page = `<!doctype html><video id=video muted autoplay></video><script>
const tell = (what) => fetch('/told', { method: 'POST', body: what });
const cameras = async () =>
  (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput').length;
let wake = () => {};
let changed = false;
navigator.mediaDevices.addEventListener('devicechange', () => { changed = true; wake(); });
const until = async (count) => {
  while (await cameras() !== count) {
    if (!changed) await new Promise((resolve) => { wake = resolve; });
    changed = false;
  }
};
(async () => {
  await until(0);
  tell('none');
  await until(1);
  for (let round = 0; round < 3; round++) {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const ended = new Promise((resolve) => video.srcObject.getTracks()[0].addEventListener('ended', resolve));
    tell('plugged ' + round);
    await ended;
    await until(0);
    tell('unplugged ' + round);
    await until(1);
  }
  tell('plugged 3');
})().catch((error) => tell(String(error)));
</script>`;

/** Serves the page, and gives what it tells, step by step. */
async function serve(): Promise<{ next: () => Promise<string>; address: string; close: () => void }> {
  const told: string[] = [];
  let wake = () => {};
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('Content-Type', 'text/html').end(page);
      return;
    }
    let body = '';
    for await (const data of request) body += String(data);
    response.end();
    told.push(body);
    wake();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const next = async () => {
    while (told.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return told.shift() as string;
  };
  return {
    next,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  };
}

test('a page in Chromium hears that its camera goes and comes back', needs(['chromium']), async () => {
  const { next, address, close } = await serve();
  const home = scratch();
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const options = ['--headless', '--disable-gpu', '--no-first-run', `--user-data-dir=${home}/user`];
  const allow = ['--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'];
  const command = ['chromium', ...options, ...allow, ...sandbox, '--remote-debugging-port=0', address];
  const running = startPlugged(command, { HOME: home });
  const ended = running.end.then((result) => assert.fail(`Chromium ended: ${result.stderr}`));
  const step = async (wanted: string) => assert.equal(await Promise.race([next(), ended]), wanted);
  await step('none');
  running.plug('add vivi');
  for (let round = 0; round < 3; round++) {
    await step(`plugged ${round}`);
    running.plug('remove /dev/video0');
    await step(`unplugged ${round}`);
    running.plug('add vivi');
  }
  await step('plugged 3');
  process.kill(running.pid, 'SIGTERM');
  await ended.catch(() => {});
  close();
});
