/** Cameras come and go in one process, in front of programs that use them. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { VIDIOC_QUERYCAP, v4l2_capability } from '../../src/abi/index.ts';
import { ENODEV, Errno } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { CameraSpecError, drivers } from '../../src/drivers/index.ts';
import type { MediaDevice } from '../../src/media/index.ts';
import { CameraTable } from '../../src/session/camera-table.ts';
import { Capture, type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import type { VideoDevice } from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLIN } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

const ROUNDS = 1000;
/** Room for the structs of one stream. */
const PROGRAM_SIZE = 4096;
const SMALL = 'vivi,size=64x32';

function cameras() {
  const clock = new VirtualClock(5_000_000_000);
  const table = new CameraTable(clock, { video: 0, media: 0 });
  const device = (name: string) => table.devices.find(name) as VideoDevice;
  return { clock, table, device };
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

const querycap = (program: Program, file: ClientFile) =>
  file.ioctl(VIDIOC_QUERYCAP, program.make(v4l2_capability));

const isErrno = (code: number) => (error: unknown) => error instanceof Errno && error.code === code;

describe('the cameras of a session', () => {
  it(`come and go ${ROUNDS} times while programs stream and poll, and leave nothing`, () => {
    const { clock, table, device } = cameras();
    table.add(SMALL);
    const before = memfds();
    // What one round leaves open the next one closes, so that numbers are held over a change.
    let late: ClientFile | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const [node = ''] = table.add(SMALL);
      const program = new Program(PROGRAM_SIZE);
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
    assert.equal(memfds(), before);
    assert.deepEqual(table.all, [{ spec: SMALL, nodes: ['/dev/video0'] }]);
    assert.deepEqual(table.add(SMALL), ['/dev/video1']);
  });

  it('have all their nodes, and lose them together', () => {
    const { table } = cameras();
    assert.deepEqual(table.add('loopback'), ['/dev/video0', '/dev/video1']);
    assert.deepEqual(table.add(SMALL), ['/dev/video2']);
    table.remove('/dev/video1');
    assert.deepEqual(table.all, [{ spec: SMALL, nodes: ['/dev/video2'] }]);
    assert.throws(() => table.remove('/dev/video0'), isErrno(ENODEV));
  });

  it('are replugged under their numbers, while programs have the old ones open', () => {
    const { table, device } = cameras();
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

  it('stay as they are when the new driver cannot make one of them', () => {
    const { table, device } = cameras();
    table.add(SMALL);
    const before = device('video0');
    const driver = { ...drivers.find('vivi'), create: () => [] };
    assert.throws(() => table.replug('vivi', driver as never), CameraSpecError);
    assert.equal(device('video0'), before);
    assert.equal(before.isRegistered, true);
    assert.throws(() => table.add('vivi,size=1'), CameraSpecError);
    assert.deepEqual(table.all, [{ spec: SMALL, nodes: ['/dev/video0'] }]);
  });

  it('are rearranged at once, each under its number, or stay as they are', () => {
    const { table, device } = cameras();
    const [first, second, third] = table.rearrange(
      [{ spec: SMALL }, { spec: 'm2m' }, { spec: 'skeleton' }],
      [],
    );
    assert.ok(first && second && third);
    const [untouched, changed] = [device('video0'), device('video1')];
    const wrong = { spec: 'vivi,size=1', where: 'cameras[1]' };
    assert.throws(
      () => table.rearrange([{ spec: 'm2m,time=1', instead: second }, wrong], [third]),
      (error) =>
        error instanceof CameraSpecError && /^cameras\[1\]: size=1 is not a size/.test(error.message),
    );
    assert.deepEqual([device('video1'), device('video2').isRegistered], [changed, true]);
    const made = table.rearrange([{ spec: 'm2m,time=1', instead: second }, { spec: 'loopback' }], [third]);
    assert.equal(made[0], second);
    assert.deepEqual(
      [device('video0'), device('video1') === changed, table.has(third)],
      [untouched, false, false],
    );
    assert.deepEqual(
      table.all.map(({ spec, nodes }) => [spec, ...nodes]),
      [
        [SMALL, '/dev/video0'],
        ['m2m,time=1', '/dev/video1'],
        ['loopback', '/dev/video2', '/dev/video3'],
      ],
    );
  });

  it('have a media device if their driver makes one, which goes with their nodes and comes back with them', () => {
    const { table } = cameras();
    const heard: string[] = [];
    table.devices.listen({
      added: ({ name }) => heard.push(`+${name}`),
      removed: ({ name }) => heard.push(`-${name}`),
    });
    table.add(SMALL);
    table.add('webcam,metadata=yes');
    const first = table.devices.find('media0') as MediaDevice;
    const file = new Program(PROGRAM_SIZE).open(first);
    table.add('webcam');
    table.unplug('/dev/media0');
    assert.deepEqual([first.isRegistered, table.devices.find('media1')?.name], [false, 'media1']);
    table.plug('/dev/video1');
    assert.deepEqual(
      [table.devices.find('media0')?.name, table.devices.find('media0') === first],
      ['media0', false],
    );
    file.close();
    table.remove('/dev/video2');
    const nodes = ['video1', 'video2', 'media0'];
    assert.deepEqual(heard, [
      '+video0',
      ...nodes.map((name) => `+${name}`),
      ...['+video3', '+media1'],
      ...nodes.map((name) => `-${name}`),
      ...nodes.map((name) => `+${name}`),
      ...nodes.map((name) => `-${name}`),
    ]);
  });

  it('stay unplugged when they are described anew, and are so when they are plugged in', () => {
    const { table } = cameras();
    const [camera] = table.rearrange([{ spec: SMALL }], []);
    table.unplug('/dev/video0');
    table.rearrange([{ spec: 'skeleton', instead: camera }], []);
    assert.deepEqual(table.all, []);
    assert.deepEqual(table.plug('/dev/video0'), ['/dev/video0']);
    assert.deepEqual(table.all, [{ spec: 'skeleton', nodes: ['/dev/video0'] }]);
  });
});
