/** Systems that lack something that usercam needs: it is asked before the command starts, and the mend is named. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { O_CLOEXEC, O_NONBLOCK } from '../../src/linux/constants.ts';
import { close, fcntl, pipe2 } from '../../src/linux/libc.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { client, needs, type Result, type Running, run, runtime, start, usercam } from '../support/door.ts';

const F_SETPIPE_SZ = 1031;
const started = [runtime, usercam, 'run', '--', 'echo', 'started'];
const doctor = [runtime, usercam, 'doctor'];

/** Exit code 2 and one line that a person understands; the command has not begun. */
function assertRefused(result: Result, sentence: RegExp): void {
  assert.match(result.stderr, /^usercam: [^\n]+\n$/, JSON.stringify(result));
  assert.match(result.stderr, sentence);
  assert.equal(result.text, '');
  assert.equal(result.code, 2);
}

/** `run` refuses and `doctor` knows why: what they say is the same. */
async function assertBothKnow(prefix: readonly string[], what: string, sentence: RegExp): Promise<void> {
  assertRefused(await run([...prefix, ...started]), sentence);
  const { text, stderr, code } = await run([...prefix, ...doctor]);
  const line = text.split('\n').find((each) => each.startsWith(`FAIL  ${what}: `)) ?? '';
  assert.match(line, sentence, text + stderr);
  assert.match(text, /^usercam does not work here\.$/m);
  assert.equal(code, 1);
}

const forbidden = [
  ['forbidden', 'seccomp user notification', /seccomp\(\) in the container profile/],
  ['supervised', 'seccomp user notification', /another program supervises/],
  ['pidfd_open', 'ends of other processes', /pidfd_open\(\) is not allowed.*container profile/],
  ['memfd_create', 'memory for buffers', /memfd_create\(\) is not allowed.*container profile/],
  ['process_vm_readv', 'memory of other processes', /process_vm_readv\(\) is not allowed.*container profile/],
  [
    'process_vm_writev',
    'memory of other processes',
    /process_vm_writev\(\) is not allowed.*container profile/,
  ],
] as const;

for (const [mode, what, sentence] of forbidden)
  test(`usercam run and doctor name the mend when the system has ${mode}`, needs(['gcc']), () =>
    assertBothKnow([client('nosys'), mode], what, sentence),
  );

/** Namespaces of one's own, in which one is root. */
function inNamespaces(kinds: readonly string[], script: string): string[] {
  return ['unshare', '-Ur', ...kinds, 'sh', '-c', `${script} && exec "$@"`, 'sh'];
}

const namespaces = [
  ['no /proc', ['-m'], 'mount -t tmpfs none /proc', '/proc', /mount -t proc/],
  ['the /proc of another PID namespace', ['-p', '-f'], 'true', '/proc', /another PID namespace/],
  [
    'no loopback interface, and no other network can be made',
    ['-n'],
    'echo 0 > /proc/sys/user/max_net_namespaces',
    'TCP over loopback',
    /ip link set lo up/,
  ],
] as const;

for (const [situation, kinds, script, what, sentence] of namespaces)
  test(
    `usercam run and doctor name the mend when there is ${situation}`,
    needs(['user namespaces']),
    async () => {
      await assertBothKnow(inNamespaces(kinds, script), what, sentence);
    },
  );

test(
  'usercam run and doctor name the mend when nothing can be written',
  needs(['user namespaces']),
  async () => {
    const readOnly =
      'for d in /tmp /dev/shm /var/tmp; do mount --bind $d $d && mount -o remount,bind,ro $d || exit 9; done; cd /tmp';
    await assertBothKnow(inNamespaces(['-m'], readOnly), 'a directory for device files', /set TMPDIR/);
  },
);

test(
  'usercam run names the mend when the directory for device files is full',
  needs(['user namespaces']),
  async () => {
    const full = 'mount -t tmpfs -o size=4k,nr_inodes=4 none "$TMPDIR"';
    assertRefused(
      await run([...inNamespaces(['-m'], full), ...started]),
      /set TMPDIR to a directory with room/,
    );
  },
);

test('usercam run serves when there is no loopback interface', needs(['user namespaces']), async () => {
  const command = [runtime, usercam, 'run', '--', 'head', '-c', '1000', '/dev/video0'];
  const result = await run([...inNamespaces(['-n'], 'true'), ...command]);
  assert.deepEqual([result.stdout.length, result.stderr, result.code], [1000, '', 0]);
});

test('usercam run serves when there is no /dev', needs(['user namespaces']), async () => {
  const bare = 'mount -t tmpfs -o ro none /dev';
  const result = await run([...inNamespaces(['-m'], bare), ...started]);
  assert.deepEqual([result.text, result.stderr, result.code], ['started\n', '', 0]);
  const look =
    'cd /dev && test -r video0 && test -w video0 && test -c video0 && test ! -s video0 && echo seen';
  const seen = await run([...inNamespaces(['-m'], bare), runtime, usercam, 'run', '--', 'sh', '-c', look]);
  assert.deepEqual([seen.text, seen.stderr, seen.code], ['seen\n', '', 0]);
});

test(
  'usercam run says where the first camera is when the host has one',
  needs(['user namespaces']),
  async () => {
    const keepNull =
      'touch "$TMPDIR/null" && mount --bind /dev/null "$TMPDIR/null" && mount -t tmpfs none /dev';
    const addNull = 'touch /dev/null /dev/video0 /dev/video3 && mount --bind "$TMPDIR/null" /dev/null';
    const host = `${keepNull} && ${addNull}`;
    const command = ['sh', '-c', 'echo $USERCAM_DEVICES; test -c /dev/video4'];
    const prefix = inNamespaces(['-m'], host);
    const result = await run([...prefix, runtime, usercam, 'run', '--', ...command]);
    assert.equal(
      result.stderr,
      'usercam: the host has /dev/video3; the first camera of usercam is /dev/video4\n',
    );
    assert.deepEqual([result.text, result.code], ['/dev/video4\n', 0]);
  },
);

/** Below, Node itself does not start, or cannot read a line of ours. From one to the next it is something else that fails. */
const FEWEST_DESCRIPTORS = 22;
const ENOUGH_DESCRIPTORS = 50;

test(
  'usercam run works or says why not in one sentence, whatever ulimit -n is',
  needs(['bash']),
  async () => {
    for (let limit = FEWEST_DESCRIPTORS; limit <= ENOUGH_DESCRIPTORS; limit++) {
      const result = await run(['bash', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...started]);
      if (result.code !== 0) assertRefused(result, /ulimit/);
      else assert.deepEqual([limit, result.text, result.stderr], [limit, 'started\n', '']);
      if (limit === ENOUGH_DESCRIPTORS) assert.equal(result.code, 0);
    }
  },
);

const NODES_OWN_MS = 20_000;

/**
 * Where Node cannot start the threads of its own pool it waits for them for ever, before our first line: such a one is ended
 * here. Our own waits come after the look at what is needed, for which the FFI is loaded: one of those is left to fail.
 */
async function endOf({ pid, end }: Running): Promise<Result> {
  const timer = setTimeout(() => {
    if (!readFileSync(`/proc/${pid}/maps`, 'latin1').includes('koffi')) process.kill(pid, 'SIGKILL');
  }, NODES_OWN_MS);
  try {
    return await end;
  } finally {
    clearTimeout(timer);
  }
}

for (const limit of [12, 14, 16, 18, 20, 24, 30])
  test(
    `usercam run ends, and shows nothing of its inside, under ulimit -u ${limit}`,
    needs(['bash']),
    async () => {
      const limited = ['bash', '-c', `ulimit -c 0 -u ${limit}; exec "$@"`, 'sh', ...started];
      const result = await endOf(start(limited));
      // What comes from the very first Node, before usercam has begun, or from the shell is beyond us.
      const ours = result.stderr.split('\n').filter((line) => line.startsWith('usercam: '));
      assert.doesNotMatch(result.stderr, /\.js:\d+/);
      if (ours.length > 0) assertRefused(result, /ulimit -u|EAGAIN/);
    },
  );

test('usercam doctor keeps its exit code when its reader has read enough', needs(['bash']), async () => {
  const { text, stderr, code } = await run([
    'bash',
    '-c',
    'set -o pipefail; "$@" | head -1',
    'sh',
    ...doctor,
  ]);
  assert.match(text, /^ok {4}.+\n$/);
  assert.deepEqual([stderr, code], ['', 0]);
});

for (const words of [['doctor'], ['--help'], ['--version']])
  test(`usercam ${words} says so when its output cannot be written`, needs([]), async () => {
    const result = await run(['sh', '-c', '"$@" > /dev/full', 'sh', runtime, usercam, ...words]);
    assert.equal(result.stderr, 'usercam: cannot write to standard output (ENOSPC)\n');
    assert.equal(result.code, 1);
  });

test('usercam writes all of its output also where writing does not wait', needs([]), async () => {
  const ends = allocateNative(16);
  assert.equal(pipe2(ends.address, O_CLOEXEC | O_NONBLOCK), 0);
  const [reader, writer] = [ends.view.getInt32(0, true), ends.view.getInt32(4, true)];
  fcntl(writer, F_SETPIPE_SZ, 4096);
  const child = spawn(runtime, [usercam, 'cameras', '--json'], { stdio: ['ignore', writer, 'inherit'] });
  close(writer);
  const ended = once(child, 'close');
  // It is longer than the pipe, which is full before anybody reads.
  await sleep(300);
  let text = '';
  for await (const chunk of new Socket({ fd: reader, writable: false }).setEncoding('utf8')) text += chunk;
  assert.deepEqual(await ended, [0, null]);
  assert.ok(text.length > 8192, `${text.length} bytes`);
  JSON.parse(text);
});
