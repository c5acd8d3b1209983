/** Cameras come and go in one process, in front of programs that use them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { VIDIOC_QUERYCAP, v4l2_capability } from '../../src/abi/index.ts';
import { ENODEV, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { CameraSpecError, drivers } from '../../src/drivers/index.ts';
import { CameraTable } from '../../src/session/camera-table.ts';
import { ShadowTree } from '../../src/syscalls/index.ts';
import { Capture, type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import type { VideoDevice } from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLIN } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

const ROUNDS = 1000;
const SMALL = 'vivi,size=64x32';

function cameras(context: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'cameras-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const clock = new VirtualClock(5_000_000_000);
  const table = new CameraTable(clock, 0);
  const tree = new ShadowTree(root, table.devices);
  const device = (name: string) => table.devices.find(name) as VideoDevice;
  return { root, clock, table, tree, device };
}

/** Memory that programs can map, as this process has it open. */
function memfds(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/memfd:');
    } catch {
      return false;
    }
  }).length;
}

/** Files, directories and links below `path`. */
function below(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((each) => {
    const name = join(path, each.name);
    return each.isDirectory() ? [name, ...below(name)] : [name];
  });
}

const querycap = (program: Program, file: ClientFile) =>
  file.ioctl(VIDIOC_QUERYCAP, program.make(v4l2_capability));

const isErrno = (code: number) => (error: unknown) => error instanceof Errno && error.code === code;

describe('the cameras of a session', () => {
  it(`come and go ${ROUNDS} times while programs stream and poll, and leave nothing`, (context) => {
    const { root, clock, table, device } = cameras(context);
    table.add(SMALL);
    const before = { memfds: memfds(), files: below(root) };
    // What one round leaves open the next one closes, so that numbers are held over a change.
    let late: ClientFile | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const [node = ''] = table.add(SMALL);
      const program = new Program();
      const file = program.open(device(node.slice('/dev/'.length)));
      const capture = new Capture(program, file, 2);
      capture.streamon();
      clock.advance(100_000_000);
      assert.equal(file.poll(POLLIN) & POLLIN, POLLIN);
      if (round % 2 === 0) capture.dqbuf();
      late?.close();
      table.remove(node);
      assert.equal(table.devices.find(node.slice('/dev/'.length)), undefined);
      assert.equal(querycap(program, file), -ENODEV);
      assert.equal(file.poll(POLLIN) & POLLERR, POLLERR);
      assert.ok(['/dev/video1', '/dev/video2'].includes(node), node);
      late = file;
    }
    late?.close();
    assert.deepEqual({ memfds: memfds(), files: below(root) }, before);
    assert.deepEqual(table.all, [{ spec: SMALL, nodes: ['/dev/video0'] }]);
    assert.deepEqual(table.add(SMALL), ['/dev/video1']);
  });

  it('have all their nodes, and lose them together', (context) => {
    const { table } = cameras(context);
    assert.deepEqual(table.add('loopback'), ['/dev/video0', '/dev/video1']);
    assert.deepEqual(table.add(SMALL), ['/dev/video2']);
    table.remove('/dev/video1');
    assert.deepEqual(table.all, [{ spec: SMALL, nodes: ['/dev/video2'] }]);
    assert.throws(() => table.remove('/dev/video0'), isErrno(ENODEV));
  });

  it('are replugged under their numbers, while programs have the old ones open', (context) => {
    const { table, device } = cameras(context);
    table.add(SMALL);
    table.add('skeleton');
    const [program, old] = [new Program(), device('video0')];
    const file = program.open(old);
    assert.deepEqual(table.replug('vivi', drivers.find('vivi') as never), ['/dev/video0']);
    assert.notEqual(device('video0'), old);
    assert.equal(querycap(program, file), -ENODEV);
    assert.equal(querycap(program, program.open(device('video0'))), 0);
    file.close();
    assert.deepEqual(table.add(SMALL), ['/dev/video2']);
  });

  it('stay as they are when the new driver cannot make one of them', (context) => {
    const { table, device } = cameras(context);
    table.add(SMALL);
    const before = device('video0');
    const driver = { ...drivers.find('vivi'), create: () => [] };
    assert.throws(() => table.replug('vivi', driver as never), CameraSpecError);
    assert.equal(device('video0'), before);
    assert.equal(before.isRegistered, true);
    assert.throws(() => table.add('vivi,size=1'), CameraSpecError);
    assert.deepEqual(table.all, [{ spec: SMALL, nodes: ['/dev/video0'] }]);
  });
});
