/** The command line: what users type wrong, and systems that usercam cannot run on. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { client, needs, type Result, root, run, runtime, runUsercam, usercam } from '../support/door.ts';

/** Exit code 2 and one line that a person understands. */
function assertRefused(result: Result, sentence: RegExp): void {
  assert.match(result.stderr, /^usercam: [^\n]+\n$/);
  assert.match(result.stderr, sentence);
  assert.equal(result.text, '');
  assert.equal(result.code, 2);
}

const wrongCameras = [
  ['nonsense', /"?nonsense"?.*vivi/],
  ['vivi,size=12', /size=12.*WIDTHxHEIGHT/],
  ['vivi,size=100000x2', /size=100000x2/],
  ['vivi,fps=fast', /fps=fast/],
  ['vivi,format=XXXX', /XXXX.*YUYV/],
  ['vivi,color=red', /color/],
  ['', /camera|driver/],
] as const;

for (const [spec, sentence] of wrongCameras)
  test(`usercam run refuses --camera "${spec}" in one sentence`, needs([]), async () => {
    assertRefused(await runUsercam(['echo', 'started'], { cameras: [spec] }), sentence);
  });

test('usercam run refuses in one sentence when there are more cameras than numbers', needs([]), async () => {
  const cameras = Array.from({ length: 257 }, () => 'vivi');
  assertRefused(await runUsercam(['echo', 'started'], { cameras }), /256/);
});

test('usercam run refuses in one sentence when the current directory is gone', needs([]), async () => {
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
  const command = ['sh', '-c', script, 'sh', runtime, usercam, 'run', '--', 'echo', 'started'];
  assertRefused(await run(command), /current directory/);
});

test('usercam run refuses in one sentence when no command is given', needs([]), async () => {
  assertRefused(await run([runtime, usercam, 'run']), /command/);
  assertRefused(await run([runtime, usercam, 'run', '--']), /command/);
});

test('usercam refuses in one sentence when an option is unknown', needs([]), async () => {
  assertRefused(await run([runtime, usercam, 'run', '--nonsense', '--', 'true']), /--nonsense/);
  assertRefused(await run([runtime, usercam, 'nonsense']), /nonsense/);
});

test('usercam explains itself when it is called without arguments', needs([]), async () => {
  const result = await run([runtime, usercam]);
  assert.match(result.stderr, /^Usage: usercam/);
  assert.equal(result.code, 2);
});

test('usercam run refuses in one sentence when it runs under another one', needs([]), async () => {
  const nested = [runtime, usercam, 'run', '--', 'echo', 'started'];
  assertRefused(await runUsercam(nested), /nested/);
});

for (const mode of ['seccomp', 'listener']) {
  test(`usercam run refuses in one sentence when the system has no ${mode}`, needs(['gcc']), async () => {
    const command = [client('nosys'), mode, runtime, usercam, 'run', '--', 'echo', 'started'];
    assertRefused(await run(command), /seccomp user notification/);
  });

  test(`usercam doctor says what is missing when the system has no ${mode}`, needs(['gcc']), async () => {
    const result = await run([client('nosys'), mode, runtime, usercam, 'doctor']);
    assert.match(result.text, /^FAIL {2}seccomp user notification: .+$/m);
    assert.equal(result.code, 1);
  });
}

test('usercam doctor says what to expect when the system has no killable', needs(['gcc']), async () => {
  const result = await run([client('nosys'), 'killable', runtime, usercam, 'doctor']);
  assert.match(result.text, /^note {2}calls that no signal takes away: .+ Linux 5\.19 .+$/m);
  assert.match(result.text, /^usercam works here\.$/m);
  assert.equal(result.code, 0);
});

test('usercam doctor finds all well when all is well', needs(['ffmpeg']), async () => {
  const result = await run([runtime, usercam, 'doctor']);
  assert.match(result.text, /^(ok {4}.+\n)+usercam works here\.\n$/);
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
});

test('usercam doctor --json tells the version of the runtime, and no other', needs([]), async () => {
  const { text } = await run([runtime, usercam, 'doctor', '--json']);
  const { facts } = JSON.parse(text) as { facts: { node?: string; bun?: string } };
  const version = (await run([runtime, '--version'])).text.trim();
  const expected = version.startsWith('v') ? [version, undefined] : [undefined, version];
  assert.deepEqual([facts.node, facts.bun], expected);
});

test('usercam --version is the version of the package', needs([]), async () => {
  const result = await run([runtime, usercam, '--version']);
  const manifest = await import(`${root}package.json`, { with: { type: 'json' } });
  assert.equal(result.text, `${manifest.default.version}\n`);
  assert.equal(result.code, 0);
});

/** Runs usercam with streams of which each is a socket of its own; what of them blocks, as its command sees it and afterwards. */
const blocking = `
import fcntl, json, os, socket, subprocess, sys
look = 'import fcntl, os; print(*[fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (0, 1, 2)])'
for given in (0, os.O_NONBLOCK):
    pairs = [socket.socketpair() for _ in range(3)]
    for _, theirs in pairs:
        theirs.setblocking(given == 0)
    subprocess.run(sys.argv[1:] + ['python3', '-c', look], **dict(zip(('stdin', 'stdout', 'stderr'), (theirs for _, theirs in pairs))))
    print(given, pairs[1][0].recv(100).decode().strip(), *[fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK for _, theirs in pairs])
`;

const python = needs(['python3']);
/** Bun makes its streams non-blocking before it runs a line, and nobody can tell how they were given. */
const streams = basename(runtime) === 'bun' ? { ...python, skip: 'Bun changes its own streams' } : python;

test('streams of the command wait for readers or not, as they were given', streams, async () => {
  const { text, stderr } = await run(['python3', '-c', blocking, runtime, usercam, 'run', '--']);
  assert.equal(stderr, '');
  assert.equal(text, '0 0 0 0 0 0 0\n2048 2048 2048 2048 2048 2048 2048\n');
});
