/** videobuf2: what drivers and the V4L2 core use of it. */

export type { Vb2Buffer, Vb2Plane } from './buffer.ts';
export {
  STATE_FACTS,
  TRANSITIONS,
  type TransitionName,
  VB2_BUF_STATES,
  type Vb2BufferState,
} from './buffer-state.ts';
export type { BufferCalls, QueueCalls } from './call-op.ts';
export { vb2DmaContigPlaneDmaAddr, vb2DmaSgPlane } from './dma.ts';
export { FrameTime } from './frame-time.ts';
export type { Vb2Ops, Vb2QueueSetup, Vb2Tracer } from './ops.ts';
export { Vb2Thread } from './vb2-thread.ts';
export * from './videobuf2-core.ts';
export * from './videobuf2-v4l2.ts';
