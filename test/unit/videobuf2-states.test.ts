import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  V4L2_BUF_FLAG_DONE,
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_PREPARED,
  V4L2_BUF_FLAG_QUEUED,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
} from '../../src/abi/index.ts';
import { transition, Vb2Buffer, Vb2Plane } from '../../src/videobuf2/core/buffer.ts';
import {
  nextState,
  TRANSITIONS,
  type TransitionName,
  VB2_BUF_STATES,
  type Vb2BufferState,
} from '../../src/videobuf2/core/buffer-state.ts';
import { bufferStatesPage } from '../support/buffer-states-page.ts';
import { Bench, bufferIn, bugsIn, withoutBugs } from '../support/vb2-fixture.ts';

const NAMES = Object.keys(TRANSITIONS) as TransitionName[];

/** The way to each state by transitions alone. */
const WAY: Record<Vb2BufferState, readonly TransitionName[]> = {
  DEQUEUED: [],
  IN_REQUEST: ['bindRequest'],
  PREPARING: ['prepare'],
  QUEUED: ['qbuf'],
  ACTIVE: ['qbuf', 'bufQueue'],
  DONE: ['qbuf', 'bufQueue', 'done'],
  ERROR: ['qbuf', 'bufQueue', 'error'],
};

function bareBuffer(state: Vb2BufferState): Vb2Buffer {
  const { q } = new Bench();
  const vb = new Vb2Buffer(q, 0, 1, [new Vb2Plane(1, 0, q.memOps)]);
  for (const name of WAY[state]) assert.ok(transition(vb, TRANSITIONS[name]));
  assert.equal(vb.state, state);
  return vb;
}

describe('transition', () => {
  for (const state of VB2_BUF_STATES) {
    for (const name of NAMES) {
      const target = nextState(state, TRANSITIONS[name]);
      if (target === undefined) {
        it(`reports a bug and changes nothing when ${name} comes in ${state}`, () => {
          const vb = bareBuffer(state);
          const bugs = bugsIn(() => assert.equal(transition(vb, TRANSITIONS[name]), false));
          assert.equal(bugs.length, 1);
          assert.match(
            bugs[0] ?? '',
            new RegExp(`Cannot ${name} buffer 0 of bench: state is ${state}, expected`),
          );
          assert.equal(vb.state, state);
        });
      } else {
        it(`leads to ${target} when ${name} comes in ${state}`, () => {
          const vb = bareBuffer(state);
          withoutBugs(() => assert.ok(transition(vb, TRANSITIONS[name])));
          assert.equal(vb.state, target);
        });
      }
    }
  }

  it('allows exactly the life of a buffer that the framework documents', () => {
    const edges = new Set<string>();
    for (const state of VB2_BUF_STATES) {
      for (const name of NAMES) {
        const target = nextState(state, TRANSITIONS[name]);
        if (target !== undefined) edges.add(`${state}>${target}`);
      }
    }
    assert.deepEqual([...edges].sort(), [
      'ACTIVE>DONE',
      'ACTIVE>ERROR',
      'ACTIVE>QUEUED',
      'DEQUEUED>DONE',
      'DEQUEUED>ERROR',
      'DEQUEUED>IN_REQUEST',
      'DEQUEUED>PREPARING',
      'DEQUEUED>QUEUED',
      'DONE>DEQUEUED',
      'DONE>ERROR',
      'ERROR>DEQUEUED',
      'IN_REQUEST>DEQUEUED',
      'IN_REQUEST>PREPARING',
      'IN_REQUEST>QUEUED',
      'PREPARING>DEQUEUED',
      'PREPARING>IN_REQUEST',
      'QUEUED>ACTIVE',
      'QUEUED>DEQUEUED',
    ]);
  });
});

describe('QUERYBUF', () => {
  const SHOWN = {
    DEQUEUED: 0,
    QUEUED: V4L2_BUF_FLAG_QUEUED,
    ACTIVE: V4L2_BUF_FLAG_QUEUED,
    DONE: V4L2_BUF_FLAG_DONE,
    ERROR: V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_ERROR,
  } as const;
  for (const state of ['DEQUEUED', 'QUEUED', 'ACTIVE', 'DONE', 'ERROR'] as const) {
    it(`shows the flags of ${state} when the buffer is ${state}`, () => {
      const bench = bufferIn(state);
      assert.equal(bench.vb(0).state, state);
      assert.equal(bench.querybuf(0).flags, SHOWN[state] | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
    });
  }

  it('shows PREPARED from PREPARE_BUF until QBUF', () => {
    const bench = bufferIn('DEQUEUED');
    assert.equal(bench.prepare(0).flags & V4L2_BUF_FLAG_PREPARED, V4L2_BUF_FLAG_PREPARED);
    assert.equal(bench.querybuf(0).flags & V4L2_BUF_FLAG_PREPARED, V4L2_BUF_FLAG_PREPARED);
    bench.qbuf(0);
    assert.equal(bench.querybuf(0).flags, V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
  });
});

const page = new URL('../../../docs/buffer-states.md', import.meta.url);

it('docs/buffer-states.md is what the table says: else run npm run docs', {
  skip: !existsSync(page) && 'no docs here',
}, () => {
  assert.equal(readFileSync(page, 'utf8'), bufferStatesPage());
});
