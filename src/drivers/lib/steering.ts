/**
 * What happens to a camera from outside while programs use it, and is nothing that a program asks of it. A driver gives it beside the devices that it makes; what it leaves out cannot be done to its cameras.
 */
import type { FrameSize } from '../../pixel/index.ts';
import type { SourceSpec } from '../../sources/index.ts';
import type { VideoDevice } from '../../v4l2-core/index.ts';
import { CameraSpecError } from './camera-spec-error.ts';
import type { TimePerFrame } from './frame-interval.ts';
import type { Rate, Setting } from './settings.ts';
import type { FrameWatcher } from './shared-frames.ts';

/** What a camera receives, as people write it: `1280x720`, `29.97`. What is left out stays as it is. */
export interface VideoMode {
  readonly size?: string | undefined;
  /** Frames a second. */
  readonly fps?: string | undefined;
}

/** How a camera stands that was steered. */
export interface SteeredState {
  readonly frozen: boolean;
  readonly blank: boolean;
  /** The last of each that it was asked to receive, as it was written. */
  readonly receives: VideoMode;
}

/** Each is called between two calls of programs, and does not wait. */
export interface CameraSteering {
  /** It is plugged in: what goes on without a program begins. */
  begin?(): void;
  /** It is unplugged. */
  end?(): void;
  /** Shows something else from now on, written as in `source=`. Throws CameraSpecError if that cannot be. */
  show?(source: string): void;
  /** How it stands now. */
  state?(): SteeredState;
  /** What it shows, if that can be something else. */
  shows?(): SourceSpec;
  /** All its frames go to `watcher` too, until that is stopped. */
  watch?(watcher: FrameWatcher): { stop(): void };
  /**
   * Receives another size or rate from now on, as where somebody else's signal comes in. Throws CameraSpecError if it cannot
   * be, and nothing has changed.
   */
  receive?(mode: VideoMode): void;
  /** Each frame shows the same picture until it is called again. */
  freeze?(on: boolean): void;
  /** The picture is black until it is called again. */
  blank?(on: boolean): void;
}

/** What a driver makes that can be steered. */
export interface SteeredDevices {
  readonly devices: readonly VideoDevice[];
  readonly steering: CameraSteering;
}

/** Both together: what `next` leaves out is as in `before`. */
export function laterMode(before: VideoMode, { size, fps }: VideoMode): VideoMode {
  return { ...before, ...(size !== undefined && { size }), ...(fps !== undefined && { fps }) };
}

/** A {@link VideoMode} that has been understood. */
export interface ReceivedMode {
  readonly size?: FrameSize;
  readonly interval?: TimePerFrame;
}

/** Understands it by the settings that the camera was described with. Throws CameraSpecError. */
export function readMode(
  { size, fps }: VideoMode,
  settings: { readonly size: Setting<FrameSize>; readonly fps: Setting<Rate> },
  driver: string,
): ReceivedMode {
  if (size === undefined && fps === undefined)
    throw new CameraSpecError('Nothing is to change: write a size, a rate, or both, such as 1280x720@25.');
  return {
    ...(size !== undefined && { size: settings.size.read(size, 'size', driver) }),
    ...(fps !== undefined && { interval: settings.fps.read(fps, 'fps', driver).timeperframe }),
  };
}
