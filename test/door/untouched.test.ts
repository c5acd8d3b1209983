/** Programs that want nothing from a camera must not notice that there is one. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs, python, run, runtime, runUsercam, scratch, usercam } from '../support/door.ts';

/** A command must do the same with and without usercam. */
async function assertSame(command: readonly string[], cwd?: string): Promise<void> {
  const options = cwd === undefined ? {} : { cwd };
  const [plain, served] = [await run(command, options), await runUsercam(command, options)];
  assert.equal(served.text, plain.text);
  assert.equal(served.stderr, plain.stderr);
  assert.deepEqual([served.code, served.signal], [plain.code, plain.signal]);
}

/** The same descriptors must be there, with and without usercam, when a shell redirects them. */
async function assertRedirected(redirections: string): Promise<void> {
  const look = `for fd in $(ls /proc/self/fd); do test -e /proc/$$/fd/$fd && readlink /proc/$$/fd/$fd; done | grep ^/etc | sort`;
  const script = `"$@" sh -c '${look}' ${redirections}`;
  const plain = await run(['sh', '-c', script, 'sh']);
  const served = await run(['sh', '-c', script, 'sh', runtime, usercam, 'run', '--']);
  assert.equal(served.text, plain.text);
  assert.equal(plain.text, '/etc/group\n/etc/hostname\n/etc/passwd\n');
}

test('git status says the same', needs(['git']), async () => {
  const repository = scratch();
  assert.equal((await run(['git', 'init', '-q', repository])).code, 0);
  await assertSame(['sh', '-c', 'echo text > file; git add file; git status'], repository);
});

test('npm --version says the same', needs(['npm']), () => assertSame(['npm', '--version']));

test('ls says the same of a directory that is not ours', needs([]), () =>
  assertSame(['ls', '-l', '/usr', '/etc']),
);

test('a pipe carries a megabyte', needs([]), () =>
  assertSame(['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x | wc -c']),
);

for (const code of [0, 1, 3, 255])
  test(`the exit code ${code} arrives`, needs([]), () => assertSame(['sh', '-c', `exit ${code}`]));

test('the exit code is 127 when there is no such command', needs([]), async () => {
  const result = await runUsercam(['no-such-command']);
  assert.equal(result.stderr, 'usercam: cannot run no-such-command: no such command\n');
  assert.equal(result.code, 127);
});

test('the exit code is 126 when the command cannot be executed', needs([]), async () => {
  const result = await runUsercam(['/etc/passwd']);
  assert.equal(result.stderr, 'usercam: cannot run /etc/passwd: it is not executable\n');
  assert.equal(result.code, 126);
});

test('standard input arrives whole', needs([]), async () => {
  const input = 'a line\n'.repeat(50_000);
  const result = await runUsercam(['cat'], { input });
  assert.equal(result.text, input);
});

test('standard output may be closed by the reader', needs(['bash']), () =>
  assertSame(['bash', '-c', 'set -o pipefail; yes | head -n 3; echo $?']),
);

test('environment, limits, mask and arguments arrive', needs(['bash']), () =>
  assertSame(['bash', '-c', 'echo "$@" "$HOME"; ulimit -n; ulimit -c; umask; trap -p', 'x', 'a b', '', '*']),
);

test('no signal is ignored or blocked and no descriptor is open that was not', needs([]), () =>
  assertSame(['sh', '-c', 'grep ^Sig[BIC] /proc/self/status; ls /proc/self/fd']),
);

/** As ssh-agent is: nobody but root may read its memory, nor look at its descriptors. */
const secretive = `
import ctypes, fcntl, mmap, os, select, socket
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
os.mkdir("d")
os.chdir("d")
with open("f", "w+b") as file:
    file.write(b"x" * 4096)
    file.flush()
    fcntl.lockf(file, fcntl.LOCK_EX)
    fcntl.flock(file, fcntl.LOCK_EX)
    print(len(mmap.mmap(file.fileno(), 4096)))
    high = fcntl.fcntl(file.fileno(), fcntl.F_DUPFD, 800)
    print(high, select.select([], [high], [], 0)[1] == [high], os.read(high, 1), os.fstat(high).st_size)
    os.close(high)
server = socket.socket(socket.AF_UNIX)
server.bind("s")
server.listen()
socket.socket(socket.AF_UNIX).connect("s")
os.symlink("f", "l")
os.rename("f", "g")
os.chmod("g", 0o600)
os.utime("g", (1, 1))
print(sorted(os.listdir(".")), os.readlink("l"), os.stat("g").st_mtime, os.access("g", os.R_OK))
for name in os.listdir("."): os.unlink(name)
os.chdir("..")
os.rmdir("d")
os.execv("/bin/echo", ["echo", "done"])
`;

test('a program whose memory may not be read does what it did', needs(['python3']), () =>
  assertSame([python, '-c', secretive], scratch()),
);

const page = 'data:text/html,<p id=a>hi</p><script>a.textContent+=1+1</script>';

test('Chromium starts and shows a page', needs(['chromium']), async () => {
  const profile = scratch();
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const options = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    `--user-data-dir=${join(profile, 'user')}`,
  ];
  const result = await runUsercam(['chromium', ...options, ...sandbox, '--dump-dom', page], {
    env: { HOME: profile },
  });
  assert.match(result.text, /<p id="a">hi2<\/p>/, result.stderr);
  assert.equal(result.code, 0);
});

const manySockets = `
import socket
pairs = [socket.socketpair() for _ in range(500)]
for a, b in pairs:
    a.send(b'x')
    assert b.recv(1) == b'x' and a.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
print(pairs[-1][1].fileno() > 0x300)
`;

test('a program with a thousand sockets uses them all', needs([python]), async () => {
  const result = await runUsercam([python, '-c', manySockets]);
  assert.equal(result.text, 'True\n', result.stderr);
});

test('descriptors that the user opened reach the command, whatever their number', needs([]), () =>
  assertRedirected('3</etc/passwd 5</etc/group 40</etc/hostname'),
);
