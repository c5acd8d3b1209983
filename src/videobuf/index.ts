/** videobuf, the framework before videobuf2: what drivers use of it. */

export {
  VIDEOBUF_STATES,
  VideobufBuffer,
  type VideobufState,
  waitqueueActive,
} from './core/buffer.ts';
export { videobufNextField } from './core/call-op.ts';
export { videobufDqbuf } from './core/dqbuf.ts';
export { videobufIolock } from './core/iolock.ts';
export { Mutex, SpinLock } from './core/locks.ts';
export { type VideobufMapping, videobufMmapMapper } from './core/mmap.ts';
export type { VideobufQueueOps, VideobufSetup } from './core/ops.ts';
export { videobufPollStream } from './core/poll.ts';
export { videobufQbuf } from './core/qbuf.ts';
export type { MappedMemory, VideobufQtypeOps } from './core/qtype-ops.ts';
export {
  type VideobufBufferClass,
  type VideobufDevice,
  VideobufQueue,
  type VideobufQueueConfig,
} from './core/queue.ts';
export { type ReadRequest, videobufReadStart, videobufReadStop, videobufReadStream } from './core/read.ts';
export { videobufReadOne } from './core/read-one.ts';
export { videobufMmapFree, videobufQueueIsBusy, videobufReqbufs } from './core/reqbufs.ts';
export type { Background, Sleeping } from './core/sleep.ts';
export { videobufQuerybuf } from './core/status.ts';
export { videobufQueueCancel, videobufStop, videobufStreamoff, videobufStreamon } from './core/streaming.ts';
export { videobufWaiton } from './core/waiton.ts';
export {
  videobufDmaContigFree,
  videobufQueueDmaContigInit,
  videobufToDmaContig,
} from './kinds/dma-contig.ts';
export {
  VideobufDmabuf,
  videobufDmaFree,
  videobufDmaUnmap,
  videobufQueueSgInit,
  videobufToDma,
} from './kinds/dma-sg.ts';
export { videobufQueueVmallocInit, videobufToVmalloc, videobufVmallocFree } from './kinds/vmalloc.ts';
