/**
 * Whether a request is one. Whoever may connect to a session can write anything on its socket, and nothing of that is to end what the
 * session does for others.
 */
import { SessionError } from '../kernel.ts';
import type { HostCalls, HostRequest } from './host-protocol.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const whole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const isSignal = whole(1, 64);
const isDescriptor = whole(0, 2 ** 31 - 1);
const isBoolean: Check = (value) => typeof value === 'boolean';
const anything: Check = () => true;
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const optional = (check: Check): Check => either(check, (value) => value === undefined);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entries =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const given: Readonly<Record<keyof HostCalls, Check>> = {
  add: isText,
  remove: isText,
  unplug: isText,
  plug: isText,
  change: isText,
  show: object({ node: isText, source: isText }),
  set: object({ node: isText, controls: entries(either(isText, isNumber)) }),
  receive: object({ node: isText, mode: object({ size: optional(isText), fps: optional(isText) }) }),
  freeze: object({ node: isText, on: isBoolean }),
  blank: object({ node: isText, on: isBoolean }),
  wait: object({ node: isText, until: object({ kind: isText, count: optional(isNumber) }) }),
  status: anything,
  down: anything,
  trace: list(isText),
  signal: object({ signal: isSignal, group: isBoolean }),
  run: object({
    command: list(isText),
    environment: list(isText),
    ignored: list(isSignal),
    blocked: list(isSignal),
    umask: whole(0, 0o777),
    descriptorLimit: either(whole(0, 2 ** 64), (value) => value === null),
    descriptors: list(isDescriptor),
  }),
};

/** Throws a SessionError. */
export function checkRequest(request: HostRequest): void {
  const { call } = request;
  if (!isText(call) || !Object.hasOwn(given, call))
    throw new SessionError(`there is no request ${typeof call === 'string' ? call : JSON.stringify(call)}`);
  if (!given[call](request.given))
    throw new SessionError(`that is nothing that a request ${call} can be given`);
}
