/**
 * What is said to a session in the background, over its socket: first a byte, with the descriptors for a command if one is to be
 * started (the current directory, then those that it shall have); then requests as lines of JSON, which are answered in
 * the same way, in any order.
 */
import type { CommandNews } from '../../syscalls/index.ts';
import type { TraceGroup, TraceRecord } from '../../trace/index.ts';
import type { Configuration, KernelCalls } from '../protocol.ts';
import type { Place } from './places.ts';

/** A command to be started with the descriptors that came before. Byte strings, see `linux/spawn.ts`. */
export interface RunOrder {
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly ignored: readonly number[];
  readonly blocked: readonly number[];
  readonly umask: number;
  readonly descriptorLimit: number | null;
  /** The numbers that the descriptors shall have. */
  readonly descriptors: readonly number[];
}

/** What the emulated kernel is asked for others. */
export const FORWARDED = [
  'add',
  'remove',
  'unplug',
  'plug',
  'show',
  'set',
  'wait',
  'status',
  'change',
  'receive',
  'freeze',
  'blank',
] as const satisfies readonly (keyof KernelCalls)[];

/** What the emulated kernel answers, and what the session itself does. */
export type HostCalls = Pick<KernelCalls, (typeof FORWARDED)[number]> & {
  /** Answered when the command is on its way; {@link HostReply} tells how it fares. One for each connection, which ends it when it ends. */
  run: { readonly given: RunOrder; readonly answer: undefined };
  /** A signal for the command of this connection. */
  signal: {
    readonly given: { readonly signal: number; readonly group: boolean };
    readonly answer: undefined;
  };
  /** What is traced for this connection from now on; {@link HostReply} tells it. */
  trace: { readonly given: readonly TraceGroup[]; readonly answer: undefined };
  /** Answered by the end of the connection, when nothing is left of the session. */
  down: { readonly given: undefined; readonly answer: undefined };
};

export type HostGiven<K extends keyof HostCalls> = HostCalls[K]['given'];
export type HostAnswer<K extends keyof HostCalls> = HostCalls[K]['answer'];

export interface HostRequest<K extends keyof HostCalls = keyof HostCalls> {
  readonly id: number;
  readonly call: K;
  readonly given: HostGiven<K>;
}

export type HostReply =
  | { readonly kind: 'done'; readonly id: number; readonly answer: unknown }
  /** A sentence that says why it cannot be. */
  | { readonly kind: 'error'; readonly id: number; readonly text: string }
  | { readonly kind: 'command'; readonly news: CommandNews }
  | { readonly kind: 'trace'; readonly records: readonly TraceRecord[] }
  | { readonly kind: 'report'; readonly text: string };

/** How a session in the background is to be: a line of JSON on its descriptor {@link OWNER}. */
export interface HostOrder extends Place {
  /** What its user calls it; undefined if it has no name. */
  readonly name: string | undefined;
  readonly cameras: readonly string[];
  /** Where cameras are described, beside those. */
  readonly configuration: Configuration | undefined;
  /** Load what cameras came from, the configuration or drivers, anew when it is saved. */
  readonly watch: boolean;
  readonly replace: boolean;
  /** How many descriptors programs usually have; null if that is not known. */
  readonly descriptorLimit: number | null;
  /** It ends when the one who has started it closes that descriptor, or ends. */
  readonly isOwned: boolean;
  /** It ends when this process ends. */
  readonly until: number | undefined;
}

/** The descriptor of a session on which whoever starts it says how it is to be, and hears how it fares. */
export const OWNER = 3;

export type HostNews =
  /** It can be asked; these are the nodes of its first cameras. */
  | { readonly kind: 'ready'; readonly nodes: readonly string[] }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'report'; readonly text: string };
