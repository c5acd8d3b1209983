/** What is true of a queue of videobuf at any time between two steps. */
import assert from 'node:assert/strict';
import { type VideobufBuffer, VideobufDmabuf } from '../../src/videobuf/index.ts';
import type { World } from './videobuf-world.ts';

function itemsOf(world: World): { queued: VideobufBuffer[]; withDriver: VideobufBuffer[] } {
  const queued: VideobufBuffer[] = [];
  for (let at = world.queue.stream.first; at !== undefined; at = at.next) queued.push(at.item);
  const withDriver: VideobufBuffer[] = [];
  for (let at = world.list.first; at !== undefined; at = at.next) withDriver.push(at.item);
  return { queued, withDriver };
}

export function check(world: World): void {
  const { queue, threads } = world;
  const { queued, withDriver } = itemsOf(world);
  const buffers = queue.bufs.filter((vb) => vb !== undefined);
  assert.ok(!(queue.streaming && queue.reading), 'it streams or somebody reads, not both');
  for (const vb of queued)
    assert.ok(buffers.includes(vb as never), `queued buffer ${vb.i} is one of the queue`);
  for (const vb of withDriver) {
    assert.ok(vb.state === 'QUEUED' || vb.state === 'ACTIVE', `buffer ${vb.i} of the driver is ${vb.state}`);
    assert.ok(buffers.includes(vb as never) || vb === queue.readBuf, `buffer ${vb.i} of the driver is known`);
  }
  for (const vb of buffers) {
    const has = vb.state === 'QUEUED' || vb.state === 'ACTIVE';
    assert.equal(withDriver.includes(vb), has, `buffer ${vb.i}, ${vb.state}, with the driver`);
    if (vb.map !== undefined) assert.ok(!vb.map.isOver, `the mapping of buffer ${vb.i} is there`);
  }
  // Work in the background holds the lock while a device is busy; else only a sleeper can.
  if (threads.length === 0 && withDriver.length === 0) assert.ok(!queue.lock.isLocked, 'nobody has the lock');
  // A scattered buffer that is queued with memory which was unmapped meanwhile keeps that.
  const kept = buffers.filter(({ priv }) => priv instanceof VideobufDmabuf && priv.unmapped !== undefined);
  if (!queue.lock.isLocked)
    assert.equal(world.pages, world.mappings.length + kept.length, 'pages are those of mappings');
}
