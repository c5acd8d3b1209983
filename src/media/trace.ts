/** The trace points of ioctls of media devices: where one begins, and is answered. None of them sleeps. */
import type { StructView } from '../abi/index.ts';
import { TracePoint } from '../base/trace.ts';
import type { Caller, File } from '../vfs/file.ts';

export interface MediaIoctlEvent {
  readonly file: File;
  readonly caller: Caller;
  readonly cmd: number;
  /** The argument's address in the program. */
  readonly arg: number;
  /** As in media.h; undefined if it is none of a media device. */
  readonly name: string | undefined;
  /** What is handed over in this direction; undefined if that is nothing, or cannot be read. */
  readonly argument: StructView | undefined;
}

export interface MediaIoctlResult extends MediaIoctlEvent {
  /** 0, or a negative error number. */
  readonly result: number;
}

/** @kernel media_device_ioctl */
export const mediaIoctlEnter = new TracePoint<MediaIoctlEvent>('ioctl', 'media_ioctl_enter');
export const mediaIoctlExit = new TracePoint<MediaIoctlResult>('ioctl', 'media_ioctl_exit');
