import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setCurrentTask, type Task, TracePoint } from '../../src/base/trace.ts';

const task: Task = { pid: 10, tid: 11, comm: 'v4l2-ctl', program: 'v4l2-ctl' };

describe('a trace point', () => {
  it('is off while nobody listens', () => {
    const point = new TracePoint<number>('vb2', 'vb2_qbuf');
    assert.equal(point.enabled, false);
    const stop = point.listen(() => {});
    assert.equal(point.enabled, true);
    stop();
    assert.equal(point.enabled, false);
  });

  it('tells every listener, and whose call it is', () => {
    const point = new TracePoint<number>('vb2', 'vb2_qbuf');
    const heard: unknown[] = [];
    point.listen((event, of) => heard.push(['first', event, of?.comm]));
    const stop = point.listen((event) => heard.push(['second', event]));
    setCurrentTask(task);
    point.tell(1);
    setCurrentTask(undefined);
    stop();
    point.tell(2);
    assert.deepEqual(heard, [
      ['first', 1, 'v4l2-ctl'],
      ['second', 1],
      ['first', 2, undefined],
    ]);
  });

  it('goes on when a listener leaves while it is told', () => {
    const point = new TracePoint<number>('vb2', 'vb2_qbuf');
    const heard: number[] = [];
    const stop = point.listen(() => stop());
    point.listen((event) => heard.push(event));
    point.tell(1);
    point.tell(2);
    assert.deepEqual(heard, [1, 2]);
  });
});
