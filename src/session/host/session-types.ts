/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A session for tests in TypeScript: cameras that the test steers while programs use them.
 *
 *     await using session = await startSession({ cameras: ['vivi'] });
 *     const [camera] = session.cameras;
 *     const program = session.spawn('ffmpeg', ['-f', 'v4l2', '-i', camera.node, '-f', 'null', '-']);
 *     await camera.frames(10);
 *     await camera.unplug();
 *
 * The session is a process of its own, the parent of all that it starts; it ends with the process of the test, however that
 * ends. All that fails rejects with an Error whose message is a sentence. Nothing here needs the types of Node.
 */
import type { UsercamConfig } from '../config-types.ts';
import type { CameraStatus, ControlValue } from '../protocol.ts';

export interface SessionSettings {
  /** Cameras to begin with, as `usercam run --camera` takes them; one `vivi` if left out. */
  readonly cameras?: readonly string[];
  /** A configuration that describes them instead: the path of such a file, or what would stand in it. */
  readonly config?: string | UsercamConfig;
  /** Take the place of cameras that the host has: the first one is /dev/video0. */
  readonly replace?: boolean;
  /** Hears what there is to say to the user: of drivers with bugs, mostly. */
  readonly report?: (text: string) => void;
}

/** How a program is started, as for `child_process.spawn`. */
export interface SpawnSettings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdio?: Stream | readonly (Stream | number)[];
  readonly detached?: boolean;
}

type Stream = 'pipe' | 'ignore' | 'inherit' | 'ipc';

/** What `child_process.spawn` gives, as far as it can be said without Node's types: a `ChildProcess` is what it is. */
export interface SessionProgram {
  /** That of `usercam run --session`, which stands in its place: signals go through it. */
  readonly pid?: number | undefined;
  readonly stdin: {
    write(data: string | Uint8Array): unknown;
    end(data?: string | Uint8Array): unknown;
  } | null;
  readonly stdout: ProgramOutput | null;
  readonly stderr: ProgramOutput | null;
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  kill(
    signal?:
      | number
      | 'SIGTERM'
      | 'SIGINT'
      | 'SIGHUP'
      | 'SIGKILL'
      | 'SIGUSR1'
      | 'SIGUSR2'
      | 'SIGSTOP'
      | 'SIGCONT',
  ): boolean;
  on(event: 'exit' | 'close', listener: (code: number | null, signal: string | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface ProgramOutput extends AsyncIterable<unknown> {
  on(event: 'data', listener: (data: Uint8Array | string) => void): unknown;
}

/** What a camera receives. */
export interface ModeSettings {
  /** `1280x720` */
  readonly size?: string;
  /** Frames a second: 25, 29.97, `30000/1001`. */
  readonly fps?: number | string;
}

/** A camera of a session. */
export interface Camera {
  /** Its first node: `/dev/video0`. */
  readonly node: string;
  /** All its nodes; most cameras have one. */
  readonly nodes: readonly string[];
  /** Unplugs it: programs that have it open hear ENODEV, others that it has gone. */
  unplug(): Promise<void>;
  /** Plugs it in again, under the numbers it had unless another camera has them now. */
  plug(): Promise<void>;
  /** Unplugs it for good. */
  remove(): Promise<void>;
  /**
   * Another size or rate comes in from now on, and no other is offered. Who has subscribed to V4L2_EVENT_SOURCE_CHANGE hears
   * it; who streams is given the new rate at once, and the old size until it has given back its buffers and asks anew.
   * Programs that listen for events of devices hear that it has changed; without a mode only that happens.
   */
  change(mode?: ModeSettings): Promise<void>;
  /** Each frame shows the same picture, with numbers and times that go on; or no longer so. */
  freeze(on: boolean): Promise<void>;
  /** The picture is black, as behind the lid of a webcam; or no longer so. A webcam with a control for its lid shows it there. */
  blank(on: boolean): Promise<void>;
  /** Shows something else from now on, for cameras that can. */
  show(source: string): Promise<void>;
  /** Sets controls, by the names that v4l2-ctl shows: `{ brightness: 200 }`. Programs that wait for events of them hear it. */
  set(controls: Readonly<Record<string, ControlValue>>): Promise<void>;
  /** What it is doing, and for whom. */
  status(): Promise<CameraStatus>;
  /** Settles when a program has it open, which may be now. This and the next ones reject if it is unplugged meanwhile. */
  opened(): Promise<void>;
  /** Settles when a program streams from it. */
  streaming(): Promise<void>;
  /** Settles when no program has it open. */
  closed(): Promise<void>;
  /** Settles when programs have been given so many frames more. */
  frames(count: number): Promise<void>;
}

export interface CameraSession {
  /** The cameras it began with, and those that were added. */
  readonly cameras: readonly Camera[];
  /** What `usercam run --session` takes, so that a script can start programs in this session. */
  readonly name: string;
  /** Plugs in another camera. */
  add(spec: string): Promise<Camera>;
  /** What all cameras are doing. */
  status(): Promise<readonly CameraStatus[]>;
  /** Starts a program in this session, as `child_process.spawn` does. */
  spawn(command: string, args?: readonly string[], settings?: SpawnSettings): SessionProgram;
  /**
   * Gives the path of a script that starts `executable` in this session, with the arguments, environment and descriptors that
   * it is started with: for launchers that take an executable (Playwright's `executablePath`). It is removed with the session.
   */
  wrap(executable: string): string;
  /** Ends all programs of the session, and the session. */
  end(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
