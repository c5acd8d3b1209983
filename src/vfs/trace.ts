/** The trace points of open files. What a file is for is not known here: these tell of any device. */
import { TracePoint } from '../base/trace.ts';
import type { Caller, CharDevice, File, MmapRequest } from './file.ts';

export interface OpenEvent {
  readonly device: CharDevice;
  /** As open(2) got them. */
  readonly flags: number;
  /** The descriptor that the program has, or a negative error number. */
  readonly result: number;
  /** What poll() says at first; 0 if nothing was opened. */
  readonly poll: number;
}

export interface MmapEvent {
  readonly file: File;
  readonly request: MmapRequest;
  /** 0, the kernel maps it then; or a negative error number. */
  readonly result: number;
}

export interface PollEvent {
  readonly file: File;
  /** What poll() has said until now, and what it says from now on: POLLIN … */
  readonly from: number;
  readonly to: number;
}

export interface CloseEvent {
  readonly device: CharDevice;
  /** The descriptor that closes; there may be others. */
  readonly fd: number;
}

export interface InterruptedEvent {
  /** Who sleeps no longer. */
  readonly caller: Caller;
  /** What it hears: a negative error number. */
  readonly result: number;
}

export interface MovedEvent {
  readonly file: File;
  readonly how: 'read' | 'write';
  /** How many, more than none. */
  readonly bytes: number;
}

export interface TakenBackEvent {
  readonly file: File;
  /** The ioctl that has never been. */
  readonly cmd: number;
}

/** @kernel do_sys_open */
export const openPoint = new TracePoint<OpenEvent>('open', 'open');
/** @kernel vm_mmap_pgoff */
export const mmapPoint = new TracePoint<MmapEvent>('mmap', 'mmap');
export const pollPoint = new TracePoint<PollEvent>('poll', 'poll');
/** @kernel close */
export const closePoint = new TracePoint<CloseEvent>('close', 'close');
/** The last descriptor is gone, and the driver is about to be told. @kernel fput */
export const releasePoint = new TracePoint<File>('close', 'release');
/** A signal ended the sleep of a call. */
export const interruptedPoint = new TracePoint<InterruptedEvent>('ioctl', 'interrupted');
/** read() or write() has moved bytes. @kernel vfs_read */
export const movedPoint = new TracePoint<MovedEvent>('rw', 'moved');
/** The answer to an ioctl did not arrive, and the operation was taken back. */
export const takenBackPoint = new TracePoint<TakenBackEvent>('ioctl', 'taken_back');
