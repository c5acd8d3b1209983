/** videobuf2: what drivers and the V4L2 core use of it. */

export type { Vb2Buffer, Vb2Plane } from './core/buffer.ts';
export {
  STATE_FACTS,
  TRANSITIONS,
  type TransitionName,
  VB2_BUF_STATES,
  type Vb2BufferState,
} from './core/buffer-state.ts';
export type { BufferCalls, QueueCalls } from './core/call-op.ts';
export { vb2DmaContigPlaneDmaAddr, vb2DmaSgPlane } from './core/dma.ts';
export { FrameTime } from './core/frame-time.ts';
export {
  VB2_DEFAULT_MAX_BUFFERS,
  VB2_DMABUF,
  VB2_MAX_PLANES,
  VB2_MEMORY_DMABUF,
  VB2_MEMORY_MMAP,
  VB2_MEMORY_UNKNOWN,
  VB2_MEMORY_USERPTR,
  VB2_MMAP,
  VB2_READ,
  VB2_USERPTR,
  VB2_WRITE,
} from './core/io-modes.ts';
export type { Vb2Ops, Vb2QueueSetup } from './core/ops.ts';
export { coreHasDone, coreIsIdle } from './core/poll.ts';
export * from './core/queue.ts';
export { Vb2Thread } from './core/thread.ts';
export { bufferDetails, type Vb2QueueEvent, vb2BufferPoints, vb2QueuePoints } from './core/trace.ts';
export * from './v4l2/fops.ts';
export * from './v4l2/ioctl.ts';
