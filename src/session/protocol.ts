/**
 * What the main thread and the emulated kernel, which is a worker of it, say to each other. The main thread asks, with a
 * number for each request, and is answered with the same number; the kernel tells what nobody has asked for.
 *
 * A request is answered inside the loop that serves calls: it is looked at between two calls, and no turn of the
 * runtime is waited for. Only one that has to load a file of somebody's is answered later, and calls go on meanwhile.
 */
import type { VideoMode } from '../drivers/index.ts';
import type { TraceGroup, TraceRecord } from '../trace/index.ts';
import type { FirstNodes } from './camera-nodes.ts';
import type { UsercamConfig } from './config-types.ts';

/** The path of a configuration, or itself. */
export type Configuration = string | UsercamConfig;

export interface KernelConfig {
  readonly cameras: readonly string[];
  /** Where cameras are described, beside those that are named. */
  readonly configuration: Configuration | undefined;
  /** Tell what programs do. */
  readonly verbose: boolean;
  /** Count what programs do, so that it can be asked and waited for. */
  readonly counts: boolean;
  /** Tell when a file is saved that a driver or the configuration came from. */
  readonly watch: boolean;
  /** Numbers of the first device nodes. */
  readonly firstNodes: FirstNodes;
  /** Directory for the shadow tree. */
  readonly root: string;
  /** The numbers that descriptors of cameras get: first and last. */
  readonly range: readonly [number, number];
  /** Socket on which the launcher sends the listener. */
  readonly launcher: number;
  /** Socket on which the main thread says that it has sent a request. */
  readonly wakeUp: number;
  /** What is traced; nothing if empty. */
  readonly trace: readonly TraceGroup[];
}

/** A file of a driver or of the configuration as it was saved, and what the loader makes of it. */
export interface SavedFile {
  readonly path: string;
  readonly source: string;
  readonly code: string;
  /** What is wrong with it, of a file that is no program. */
  readonly fault?: string | undefined;
}

/** What a camera has given to programs. */
export interface Delivered {
  readonly frames: number;
  /** Frames that were due and that programs did not get, as they show in the numbers of those they got. */
  readonly dropped: number;
}

/** A program that has a camera open. */
export interface ProgramInfo extends Delivered {
  readonly pid: number;
  readonly name: string;
  readonly streaming: boolean;
  /** `640x480 YUYV`, if it has set one. */
  readonly format: string | undefined;
}

export type ControlValue = number | string;

/** What can be waited for at a camera: a program has it open, one streams from it, none has it open, `count` more frames are delivered. */
export type Condition =
  | { readonly kind: 'open' | 'streaming' | 'closed' }
  | { readonly kind: 'frames'; readonly count: number };

export interface CameraStatus extends CameraInfo, Delivered {
  /** False while it is unplugged. */
  readonly plugged: boolean;
  /** What it was asked to show; undefined if that is what its description says. */
  readonly shows?: string | undefined;
  /** What was done to it from outside. */
  readonly frozen: boolean;
  readonly blank: boolean;
  /** The size and rate that it was asked to receive, as they were written. */
  readonly receives: VideoMode;
  readonly programs: readonly ProgramInfo[];
  readonly controls: Readonly<Record<string, ControlValue>>;
}

/** A camera that can be opened. */
export interface CameraInfo {
  /** As it was described. */
  readonly spec: string;
  /** Its nodes: `/dev/video0`. */
  readonly nodes: readonly string[];
}

/** What can be asked: what is given, and what the answer is. */
export interface KernelCalls {
  /** Serves nobody any more. All that it served has ended. */
  end: { readonly given: undefined; readonly answer: undefined };
  /** Open files of all programs, of devices that have gone too. */
  openFiles: { readonly given: undefined; readonly answer: number };
  cameras: { readonly given: undefined; readonly answer: readonly CameraInfo[] };
  /** Plugs in the camera that `given` describes; gives its nodes. */
  add: { readonly given: string; readonly answer: readonly string[] };
  /** Unplugs it, to be plugged in again. */
  unplug: { readonly given: string; readonly answer: undefined };
  /** Plugs it in again; gives its nodes, which are those it had, unless somebody else has them now. */
  plug: { readonly given: string; readonly answer: readonly string[] };
  show: { readonly given: { readonly node: string; readonly source: string }; readonly answer: undefined };
  set: {
    readonly given: { readonly node: string; readonly controls: Readonly<Record<string, ControlValue>> };
    readonly answer: undefined;
  };
  /** Receives another size or rate from now on, and tells programs that it has changed. */
  receive: {
    readonly given: { readonly node: string; readonly mode: VideoMode };
    readonly answer: undefined;
  };
  freeze: { readonly given: { readonly node: string; readonly on: boolean }; readonly answer: undefined };
  blank: { readonly given: { readonly node: string; readonly on: boolean }; readonly answer: undefined };
  /** Answered when it is so. `asker` is whoever shall be able to ask no more for all that he waits for. */
  wait: {
    readonly given: { readonly node: string; readonly until: Condition; readonly asker?: number };
    readonly answer: undefined;
  };
  /** Nobody waits any more for what this asker waited for: it is refused. */
  abandon: { readonly given: number; readonly answer: undefined };
  /** A command has ended, and so many others run. */
  commandEnded: { readonly given: number; readonly answer: undefined };
  status: { readonly given: undefined; readonly answer: readonly CameraStatus[] };
  /** Unplugs the camera that has the node `given`, with all its nodes, for good. */
  remove: { readonly given: string; readonly answer: undefined };
  /** From now on this is traced, and nothing else. */
  trace: { readonly given: readonly TraceGroup[]; readonly answer: undefined };
  /** Tells programs that the camera that has the node `given` has changed. */
  change: { readonly given: string; readonly answer: undefined };
  /**
   * Loads the driver or the configuration in `file` anew, with what follows for its cameras; gives that in words, or undefined
   * if there is nothing to tell, as when it has changed once more meanwhile.
   */
  reload: {
    readonly given: { readonly file: string; readonly saved: SavedFile };
    readonly answer: string | undefined;
  };
}

export type Given<K extends keyof KernelCalls> = KernelCalls[K]['given'];
export type Answered<K extends keyof KernelCalls> = KernelCalls[K]['answer'];

export interface KernelRequest<K extends keyof KernelCalls = keyof KernelCalls> {
  readonly id: number;
  readonly call: K;
  readonly given: Given<K>;
}

export type KernelReply =
  | { readonly kind: 'done'; readonly id: number; readonly answer: unknown }
  /** It cannot be; `text` is a sentence that says why. Nothing has changed. */
  | { readonly kind: 'error'; readonly id: number; readonly text: string };

export type KernelMessage =
  | KernelReply
  | { readonly kind: 'ended' }
  | { readonly kind: 'report'; readonly text: string }
  /** The cameras are there, as these paths; whoever sends the listener is served, and requests are answered. */
  | { readonly kind: 'ready'; readonly nodes: readonly string[] }
  /** The cameras that were asked for cannot be: `text` says why. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'trace'; readonly records: readonly TraceRecord[] }
  /** `path` was saved, which the driver or the configuration in `file` came from, as that was named. */
  | { readonly kind: 'saved'; readonly file: string; readonly path: string };
