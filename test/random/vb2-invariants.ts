/** What is true of a queue at any time between two calls. */
import assert from 'node:assert/strict';
import { STATE } from '../../src/videobuf2/core/queue-state.ts';
import type { Vb2Buffer, Vb2Queue } from '../../src/videobuf2/index.ts';
import type { Surroundings } from './vb2-driver.ts';
import type { World } from './vb2-world.ts';

const IN_QUEUE: ReadonlySet<string> = new Set(['QUEUED', 'ACTIVE', 'DONE', 'ERROR']);

const times = <T>(list: readonly T[], item: T) => list.filter((other) => other === item).length;
const one = (condition: boolean) => (condition ? 1 : 0);

/** The buffer is in exactly the places that its state says. */
function checkPlaces(
  q: Vb2Queue<Surroundings>,
  vb: Vb2Buffer<Surroundings>,
  owned: readonly Vb2Buffer<Surroundings>[],
): void {
  const { state, label } = vb;
  assert.notEqual(state, 'PREPARING', `${label} is between two calls`);
  assert.equal(
    vb.queuedEntry.list === q[STATE].queuedList,
    IN_QUEUE.has(state),
    `${label}, ${state}: queued list`,
  );
  const isDone = state === 'DONE' || state === 'ERROR';
  assert.equal(vb.doneEntry.list === q[STATE].doneList, isDone, `${label}, ${state}: done list`);
  assert.equal(times(owned, vb), one(state === 'ACTIVE'), `${label}, ${state}: with the driver`);
}

/** Every op was answered by its counterpart, but for those whose time has not come. */
function checkCalls(vb: Vb2Buffer<Surroundings>): void {
  const { calls, label } = vb;
  assert.equal(calls.bufInit - calls.bufCleanup, one(vb.initialised), `${label}: bufInit, bufCleanup`);
  assert.equal(calls.bufPrepare - calls.bufFinish, one(vb.prepared), `${label}: bufPrepare, bufFinish`);
  assert.equal(calls.bufQueue - calls.done, one(vb.state === 'ACTIVE'), `${label}: bufQueue, done`);
  if (vb.synced) assert.ok(vb.prepared, `${label}: memory that is with the device is prepared`);
}

function checkQueueCalls(q: Vb2Queue<Surroundings>): void {
  const { calls } = q[STATE];
  assert.equal(
    calls.prepareStreaming - calls.unprepareStreaming,
    one(q[STATE].streaming),
    'prepareStreaming',
  );
  assert.equal(
    calls.startStreaming - calls.stopStreaming,
    one(q[STATE].startStreamingCalled),
    'startStreaming',
  );
  if (q[STATE].streaming) return;
  assert.equal(q[STATE].ownedByDriver, 0, 'the driver has nothing while streaming is off');
  assert.equal(q[STATE].doneList.length, 0, 'nothing is done while streaming is off');
}

function checkMemory(world: World, buffers: readonly Vb2Buffer<Surroundings>[]): void {
  const { dmabufs, clients } = world;
  const planes = buffers.flatMap((vb) => vb.planes.map((plane) => ({ plane, memory: vb.memory })));
  const having = (memory: number) =>
    planes.filter((p) => p.memory === memory && p.plane.memPriv !== undefined);
  const pinned = clients.reduce((sum, client) => sum + client.memory.pinned, 0);
  assert.equal(pinned, having(2).length, 'pinned memory');
  assert.equal(dmabufs.attachments, having(4).length, 'attached descriptors');
  assert.equal(
    dmabufs.mappings,
    planes.filter(({ plane }) => plane.dmabufMapped).length,
    'mapped descriptors',
  );
  assert.ok(dmabufs.allocations >= having(1).length, 'pages');
  const fds = clients.reduce((sum, client) => sum + client.fds.length, 0);
  assert.equal(dmabufs.openFds, fds + dmabufs.attachments, 'open descriptors');
}

function checkOwner(world: World): void {
  const { q, clients } = world;
  if (q.numBuffers > 0) assert.notEqual(q.owner, undefined, 'buffers have an owner');
  if (q.owner !== undefined) {
    assert.ok(
      clients.some(({ file }) => file === q.owner),
      'the owner is open',
    );
  }
  assert.equal(q[STATE].fileioActive, q[STATE].fileio !== undefined, 'read or write is active');
}

export function check(world: World): void {
  const { q, owned } = world;
  const buffers = q[STATE].bufs.filter((vb) => vb !== undefined);
  assert.equal(q.numBuffers, buffers.length, 'numBuffers');
  q[STATE].bufs.forEach((vb, index) => {
    assert.equal(vb?.index ?? index, index);
  });
  for (const vb of buffers) {
    checkPlaces(q, vb, owned);
    checkCalls(vb);
  }
  const count = (states: string) => buffers.filter((vb) => states.includes(vb.state)).length;
  assert.equal(q[STATE].ownedByDriver, count('ACTIVE'), 'ownedByDriver');
  assert.equal(q[STATE].queuedList.length, count('QUEUED ACTIVE DONE ERROR'), 'queuedList');
  assert.equal(q[STATE].doneList.length, count('DONE ERROR'), 'doneList');
  assert.equal(owned.length, q[STATE].ownedByDriver, 'the driver has nothing else');
  checkQueueCalls(q);
  checkMemory(world, buffers);
  checkOwner(world);
}
