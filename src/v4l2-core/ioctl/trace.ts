/** The trace points of ioctls: where one begins, falls asleep, and is answered. */
import type { StructView } from '../../abi/index.ts';
import { TracePoint } from '../../base/trace.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { VideoDevice } from '../video-device.ts';

/** What the program hands over, or what it is going to get: windows on memory that the next ioctl uses again. */
export interface IoctlArgument {
  readonly view: StructView;
  /** The array that the argument points to. */
  readonly array: readonly StructView[];
}

export interface IoctlEvent {
  readonly file: File;
  readonly caller: Caller;
  readonly cmd: number;
  /** The argument's address in the program, or the number that it is. */
  readonly arg: number;
  /** As in videodev2.h; undefined if it is none of V4L2. */
  readonly name: string | undefined;
  /** Undefined if nothing is handed over in this direction, or it cannot be read. */
  readonly argument: IoctlArgument | undefined;
}

export interface IoctlResult extends IoctlEvent {
  /** 0, or a negative error number. */
  readonly result: number;
}

/** Somebody calls; one that slept and makes its call again comes here a second time. @kernel video_usercopy */
export const ioctlEnter = new TracePoint<IoctlEvent>('ioctl', 'ioctl_enter');
export const ioctlSleep = new TracePoint<IoctlEvent>('ioctl', 'ioctl_sleep');
export const ioctlExit = new TracePoint<IoctlResult>('ioctl', 'ioctl_exit');
/** Somebody has written which calls of a node the log is to tell. @kernel dev_debug_store */
export const devDebugPoint = new TracePoint<VideoDevice>('ioctl', 'dev_debug_store');
