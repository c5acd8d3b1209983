/** What a configuration is (`usercam.config.ts`), for those who write one: the types follow from the drivers' settings. */
import type { BuiltInDrivers, Rate, Readers, Setting } from '../drivers/index.ts';
import type { FormatInfo, FrameSize } from '../pixel/index.ts';

/** How somebody writes what a setting reads as `T`. */
type Written<T> = T extends 'yes' | 'no'
  ? T | boolean
  : T extends string
    ? T
    : T extends FrameSize
      ? `${number}x${number}`
      : T extends Rate | number
        ? number | string
        : T extends FormatInfo
          ? string
          : string;

type WrittenSettings<S> = {
  readonly [K in keyof S]?: (S[K] extends Setting<infer T> ? Written<NonNullable<T>> : never) | undefined;
};

/** What every camera can have; see `usercam cameras`. */
export interface CameraNames {
  /** What programs show as the name of the camera. */
  readonly name?: string | undefined;
  /** What programs are told as the name of its driver. */
  readonly driver?: string | undefined;
  /** Where programs are told that the camera is plugged in. */
  readonly bus?: string | undefined;
  /** How many programs may read at once. */
  readonly readers?: Readers | undefined;
}

/** A camera by its driver, with the settings that `--camera` takes. */
export type BuiltInCamera = {
  readonly [K in keyof BuiltInDrivers]: { readonly camera: K } & CameraNames &
    WrittenSettings<BuiltInDrivers[K]['settings']>;
}[keyof BuiltInDrivers];

/** A camera by the file of its driver, with the settings that this has. A path begins where the configuration is. */
export interface DriverFileCamera extends CameraNames {
  readonly camera: `${string}.${'ts' | 'js' | 'mjs'}`;
  readonly [setting: string]: string | number | boolean | undefined;
}

/** A camera, also as `--camera` takes it: `vivi,size=640x480`. */
export type CameraConfig = BuiltInCamera | DriverFileCamera | string;

export interface UsercamConfig {
  /** In the order of their numbers. */
  readonly cameras: readonly CameraConfig[];
}

/** Gives a configuration its types: `export default defineConfig({ cameras: [{ camera: 'vivi' }] })`. */
export function defineConfig(config: UsercamConfig): UsercamConfig {
  return config;
}
