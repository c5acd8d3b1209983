/** The driver of the random world: it fails when it is told to, and otherwise does what a driver must. */
import assert from 'node:assert/strict';
import { EIO, Errno } from '../../src/base/errno.ts';
import type { Vb2Buffer, Vb2Ops } from '../../src/videobuf2/index.ts';

export const FRAME = 64;

export const FAULTS = [
  'alloc',
  'pin',
  'attach',
  'map',
  'bufInit',
  'bufPrepare',
  'startStreaming',
  'queueSetup',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What the driver needs of the world around it. */
export interface Surroundings {
  readonly owned: Vb2Buffer<Surroundings>[];
  strike(fault: Fault): void;
}

export const worldOps = {
  queueSetup(q, setup) {
    q.drvPriv.strike('queueSetup');
    if (setup.numPlanes > 0 && (setup.sizes[0] ?? 0) < FRAME) throw new Errno(EIO, 'a frame does not fit');
    if (setup.numPlanes > 0) return;
    setup.numPlanes = 1;
    setup.sizes[0] = FRAME;
  },
  bufInit: (vb) => vb.queue.drvPriv.strike('bufInit'),
  bufPrepare(vb) {
    vb.queue.drvPriv.strike('bufPrepare');
    assert.ok(vb.planeVaddr(0).length >= FRAME, 'the driver can reach the plane');
    if (!vb.queue.isOutput) vb.setPlanePayload(0, FRAME);
  },
  bufQueue: (vb) => void vb.queue.drvPriv.owned.push(vb),
  startStreaming(q) {
    const { owned } = q.drvPriv;
    try {
      q.drvPriv.strike('startStreaming');
    } catch (error) {
      for (const vb of owned.splice(0)) vb.done('QUEUED');
      throw error;
    }
  },
  stopStreaming(q) {
    for (const vb of q.drvPriv.owned.splice(0)) vb.done('ERROR');
  },
  prepareStreaming: () => {},
  unprepareStreaming: () => {},
} satisfies Vb2Ops<Surroundings>;
