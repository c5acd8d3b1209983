/** What `usercam run --trace` tells of programs. */
import assert from 'node:assert/strict';
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { leftovers, needs, python, run, runtime, scratch, start, until, usercam } from '../support/door.ts';
import { tracePage, versionOfV4l2Ctl } from '../support/trace-page.ts';

const page = new URL('../../../docs/trace-example.md', import.meta.url);

/** What a pipe holds before somebody has to read. */
const PIPE_SIZE = 65536;

const traced = (options: readonly string[], command: readonly string[]) => [
  ...[runtime, usercam, 'run', '--replace', ...options, '--'],
  ...command,
];

/** The records of a trace that went into a file. */
function recordsIn(file: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test(
  'docs/trace-example.md is what v4l2-ctl does: else run npm run docs',
  needs(['v4l2-ctl']),
  async (context) => {
    const now = await tracePage();
    if (!existsSync(page)) return;
    const committed = readFileSync(page, 'utf8');
    if (!committed.includes(` with ${versionOfV4l2Ctl()};`))
      context.skip(`the page is of another v4l2-ctl than ${versionOfV4l2Ctl()}`);
    else assert.equal(committed, now);
  },
);

test(
  'lines of JSON go into a file, with the process, the thread and the name of each',
  needs(['v4l2-ctl']),
  async () => {
    const file = join(scratch(), 'trace.jsonl');
    const command = ['v4l2-ctl', '--stream-mmap', '--stream-count=2', '--stream-to=/dev/null'];
    const result = await run(traced(['--trace=ioctl,vb2,close', '--trace-file', file], command));
    assert.equal(result.code, 0, result.stderr);
    const records = recordsIn(file);
    assert.doesNotMatch(result.stderr, /VIDIOC_/);
    assert.deepEqual([...new Set(records.map(({ group }) => group))].sort(), ['close', 'ioctl', 'vb2']);
    const calls = records.filter(({ group }) => group === 'ioctl');
    assert.ok(calls.every(({ pid, tid, comm }) => Number(pid) > 0 && tid === pid && comm === 'v4l2-ctl'));
    assert.ok(calls.every(({ device }) => device === 'video0'));
    const dequeued = calls.filter(({ name, result }) => name === 'VIDIOC_DQBUF' && result === 0);
    assert.equal(dequeued.length, 2);
    assert.ok(records.some(({ name, pid, queue }) => name === 'vb2_buf_done' && pid === undefined && queue));
    assert.equal(records.at(-1)?.name, 'release');
    const times = records.map(({ time }) => Number(time));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  },
);

const THREADS = `
import fcntl, os, signal, struct, sys, threading
fd = os.open('/dev/video0', os.O_RDWR)
try: fcntl.ioctl(fd, 0x80685600, bytearray(104))
except OSError: sys.exit('QUERYCAP failed')
buffers = struct.pack('<IIIIB3x', 1, 1, 1, 0, 0)
fcntl.ioctl(fd, 0xc0145608, bytearray(buffers))
fcntl.ioctl(fd, 0x40045612, bytearray(struct.pack('<i', 1)))
def sleeper():
    try: fcntl.ioctl(fd, 0xc0585611, bytearray(struct.pack('<II', 0, 1)) + bytearray(80))
    except OSError: pass
t = threading.Thread(target=sleeper, daemon=True)
t.start()
t.join(0.2)
fcntl.ioctl(fd, 0x40045613, bytearray(struct.pack('<i', 1)))
t.join()
`;

test(
  'a thread is named beside its process, and a sleep that another one ends has its error',
  needs(['python3']),
  async () => {
    const file = join(scratch(), 'trace.jsonl');
    const options = ['--camera', 'skeleton', '--trace=ioctl', '--trace-file', file];
    const result = await run(traced(options, [python, '-c', THREADS]));
    assert.equal(result.code, 0, result.stderr);
    const [begins, over] = recordsIn(file).filter(({ name }) => name === 'VIDIOC_DQBUF');
    assert.equal(begins?.sleep, 'begins');
    assert.deepEqual([over?.sleep, over?.error], ['over', 'EINVAL']);
    assert.ok(begins?.tid !== begins?.pid && over?.tid === begins?.tid);
  },
);

test(
  'what went wrong is told by the names of errors, and a second open too',
  needs(['python3']),
  async () => {
    const script = `
import os
for flags in (os.O_RDWR, os.O_RDWR | os.O_DIRECTORY):
    try: os.open('/dev/video0', flags)
    except OSError: pass
`;
    const result = await run(traced(['--trace=open,close'], [python, '-c', script]));
    assert.match(result.stderr, /python3?[\w.]*\[\d+\] video0: open\(O_RDWR\|O_CLOEXEC, poll=\w+\) = \d+\n/);
    assert.match(result.stderr, /video0: open\(O_RDWR\|.*\) = -1 ENOTDIR\n/);
    assert.match(result.stderr, /^\d+\.\d{6} \S+ video0: release\(\)\n$/m);
    assert.doesNotMatch(result.stderr, /VIDIOC_/);
  },
);

/** A named pipe that can be written while nobody reads, until `drop` is called. */
async function fullPipe(): Promise<{ path: string; drop: () => void }> {
  const path = join(scratch(), 'pipe');
  assert.equal((await run(['mkfifo', path])).code, 0);
  const held = openSync(path, constants.O_RDWR);
  return { path, drop: () => closeSync(held) };
}

/** v4l2-compliance, whose trace is longer than a pipe; it says when it has ended. */
const startCompliance = (pipe: string) => {
  const command = ['sh', '-c', 'v4l2-compliance > /dev/null 2>&1; echo ended'];
  return start(['sh', '-c', 'exec "$@" 2> "$0"', pipe, ...traced(['--trace'], command)], { input: '' });
};

test('no call waits for who reads the trace, and nothing is lost', needs(['v4l2-compliance']), async () => {
  const { path, drop } = await fullPipe();
  const running = startCompliance(path);
  await running.line('ended');
  const reading = run(['cat', path]);
  assert.equal((await running.end).code, 0);
  drop();
  const { text } = await reading;
  assert.ok(text.length > PIPE_SIZE, `the pipe was never full: ${text.length} bytes`);
  const lines = text.trimEnd().split('\n');
  assert.deepEqual(
    lines.filter((line) => !/^\d+\.\d{6} +\S+ *.*: \S/.test(line)),
    [],
  );
  assert.match(lines.at(-1) ?? '', /release\(\)$/);
});

test('a signal ends the wait for a reader that never comes', needs(['v4l2-compliance']), async () => {
  const { path, drop } = await fullPipe();
  const running = startCompliance(path);
  await running.line('ended');
  // Its files are removed when only the trace is left.
  await until('the end of all but the trace', () => leftovers(running.temporary).length === 0);
  // The signal may come before it is waited for.
  const kicks = setInterval(() => running.child.kill('SIGTERM'), 20);
  const { code } = await running.end;
  clearInterval(kicks);
  drop();
  assert.equal(code, 0);
});

test('a group that does not exist, and a file that cannot be written', needs([]), async () => {
  const wrong = await run(traced(['--trace=ioctl,vb3'], ['true']));
  assert.equal(wrong.code, 2);
  assert.equal(
    wrong.stderr,
    'usercam: there is no trace group "vb3"; there are ioctl, vb2, open, mmap, poll and close, as in --trace=ioctl,vb2 (put -- before the command)\n',
  );
  const nowhere = await run(traced(['--trace-file', '/nowhere/trace'], ['true']));
  assert.equal(nowhere.code, 2);
  assert.match(
    nowhere.stderr,
    /^usercam: --trace-file: cannot write \/nowhere\/trace \(ENOENT\); name a file/,
  );
});

test("--debug says it as the kernel's log does", needs(['v4l2-ctl']), async () => {
  // What v4l2-ctl says of each frame would stand in the middle of lines.
  const quiet = 'exec v4l2-ctl --set-input=3 --stream-mmap --stream-count=2 2> /dev/null';
  const command = ['sh', '-c', quiet];
  const result = await run(traced(['--debug'], command));
  assert.match(
    result.stderr,
    /^video0: VIDIOC_QUERYCAP: driver="vivi", card="vivi", bus_info="platform:vivi-000", /m,
  );
  assert.match(result.stderr, /^video0: VIDIOC_S_INPUT: value=3$/m);
  assert.match(result.stderr, /^video0: VIDIOC_REQBUFS: count=4, type=1, memory=1/m);
  assert.doesNotMatch(result.stderr, /VIDIOC_D?QBUF|open|→/);
  const all = await run(traced(['--debug=ioctl,fop,streaming'], command));
  assert.match(all.stderr, /^video0: open: O_RDWR.* \(\d+\)$/m);
  assert.match(all.stderr, /^video0: VIDIOC_DQBUF$/m);
  assert.match(all.stderr, /^video0: release$/m);
  const wrong = await run(traced(['--debug=iotcl'], command));
  assert.match(wrong.stderr, /^usercam: there is nothing to debug called "iotcl"; there are ioctl, arg,/);
});

test(
  'a session that is running is traced for whoever asks, and for nobody else',
  needs(['v4l2-ctl']),
  async () => {
    const [cwd, XDG_RUNTIME_DIR] = [scratch(), scratch()];
    const options = { cwd, env: { XDG_RUNTIME_DIR } };
    const command = (...words: string[]) => [runtime, usercam, ...words];
    const up = await run(command('up', '--replace', '--until', String(process.pid)), options);
    assert.equal(up.code, 0, up.stderr);
    const stream = command('run', '--session', '--', 'v4l2-ctl', '--stream-mmap', '--stream-count=2');
    const begin = async (...words: string[]) => {
      const running = start(command('trace', ...words), options);
      let told = '';
      running.child.stderr?.on('data', (data) => {
        told += String(data);
      });
      await until('the trace', () => told.includes('the trace begins'));
      return running;
    };
    const file = join(cwd, 'trace.jsonl');
    const [ioctls, opens] = [await begin('ioctl,open'), await begin('open', '--trace-file', file)];
    assert.equal((await run(stream, options)).code, 0);
    await until('the end of the stream', () => readFileSync(file, 'utf8') !== '');
    process.kill(opens.pid, 'SIGINT');
    assert.equal((await opens.end).code, 0);
    assert.deepEqual([...new Set(recordsIn(file).map(({ group }) => group))], ['open']);
    const debug = await begin('--debug');
    assert.equal((await run(stream, options)).code, 0);
    assert.equal((await run(command('down'), options)).code, 0);
    const { text, code } = await ioctls.end;
    assert.equal(code, 0);
    assert.match(text, /v4l2-ctl\[\d+\] video0: open\(/);
    assert.equal(text.match(/ VIDIOC_STREAMON /g)?.length, 2, text);
    assert.doesNotMatch(text, /vb2_/);
    assert.match((await debug.end).text, /^video0: VIDIOC_STREAMON: value=1$/m);
  },
);
