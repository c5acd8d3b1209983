import type { Vb2Buffer } from './buffer.ts';

/**
 * How a face of the queue takes from its programs what they say about a buffer, and tells them what became of it. `b`
 * and `planes` are what the face was called with; the core hands them through and never looks into them, so that
 * it knows no struct of any ABI and one call serves every face.
 *
 * The core says when: each is called at the one moment where the answer is right. Only `verifyPlanesArray` may fail.
 *
 * @kernel vb2_buf_ops
 */
export interface Vb2BufOps<B, P> {
  /**
   * DQBUF, before anything has changed: throws EINVAL if what the program brought has no room to describe the planes
   * of `vb`. (At QBUF, PREPARE_BUF and QUERYBUF the face has looked already, before it gave the buffer to the core.)
   */
  verifyPlanesArray(vb: Vb2Buffer, b: B, planes: P): void;

  /**
   * QBUF or PREPARE_BUF of a buffer that is not prepared: takes over flags, field, payload (bytes) and, in
   * `plane.wanted`, where memory of the program is. The face has checked them.
   */
  fillVb2Buffer(vb: Vb2Buffer, b: B, planes: P): void;

  /** Every QBUF, also of a prepared buffer: takes over what comes with the frame itself, its time above all. */
  copyTimestamp(vb: Vb2Buffer, b: B): void;

  /** The call succeeds: tells the program all about the buffer as it is now. */
  fillUserBuffer(vb: Vb2Buffer, b: B, planes: P): void;
}

function nothing(): void {}

/**
 * Who uses a queue from within (read, write, Vb2Thread) sets the buffer up and reads it directly: nothing to tell.
 */
export const noUser: Vb2BufOps<undefined, undefined> = {
  verifyPlanesArray: nothing,
  fillVb2Buffer: nothing,
  copyTimestamp: nothing,
  fillUserBuffer: nothing,
};
