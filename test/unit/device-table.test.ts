import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EEXIST, Errno } from '../../src/base/errno.ts';
import { DeviceTable } from '../../src/vfs/device-table.ts';
import type { CharDevice } from '../../src/vfs/file.ts';

const device = (name: string): CharDevice => ({ name }) as CharDevice;

describe('the table of devices', () => {
  it('has what was added, in that order, until it is removed', () => {
    const [first, second] = [device('video0'), device('video1')];
    const table = new DeviceTable([first]);
    table.add(second);
    assert.deepEqual(table.devices, [first, second]);
    table.remove(first);
    assert.equal(table.find('video0'), undefined);
    assert.equal(table.find('video1'), second);
  });

  it('tells listeners of each change once', () => {
    const table = new DeviceTable();
    const heard: string[] = [];
    table.listen({
      added: ({ name }) => heard.push(`+${name}`),
      removed: ({ name }) => heard.push(`-${name}`),
    });
    const camera = device('video0');
    table.add(camera);
    table.remove(camera);
    table.remove(camera);
    assert.deepEqual(heard, ['+video0', '-video0']);
  });

  it('does not take a name twice, nor remove another device of the same name', () => {
    const table = new DeviceTable([device('video0')]);
    assert.throws(
      () => table.add(device('video0')),
      (error) => error instanceof Errno && error.code === EEXIST,
    );
    table.remove(device('video0'));
    assert.notEqual(table.find('video0'), undefined);
  });
});
