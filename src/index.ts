/**
 * usercam as a library: write a V4L2 driver in TypeScript, run it on a virtual clock, talk to it as a program does.
 *
 * Anatomy of a device: a driver fills {@link V4l2IoctlOps} and {@link Vb2Ops}, makes a {@link Vb2Queue} over memory
 * ops, and registers a {@link VideoDevice}. Programs reach it through its `fops`: the syscall door brings calls of
 * real programs there, a test calls them itself. Start with `src/drivers/skeleton/skeleton.ts`.
 */
export * as abi from './abi/index.ts';
export { driverBugCount, onDriverBug } from './base/bug.ts';
export { Errno, errnoName } from './base/errno.ts';
export { type Clock, Timer, TimerQueue, VirtualClock } from './base/timers.ts';
export { WaitQueue } from './base/wait-queue.ts';
export { CameraSpecError, createCamera, parseCamera, registerDriver } from './drivers/index.ts';
export type { Vb2MemOps } from './memory/mem-ops.ts';
export { memfdPages } from './memory/memfd.ts';
export { heapPages, type PageAllocator } from './memory/pages.ts';
export { vmallocMemOps } from './memory/vmalloc.ts';
export * from './v4l2-core/index.ts';
export * from './vfs/file.ts';
export * from './videobuf2/index.ts';
