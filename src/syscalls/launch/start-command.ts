/** Finds the command as execvp(3) does and starts it; says in one sentence why that is impossible. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { E2BIG, EACCES, ENODEV, ENOENT, ENOEXEC, ENOTDIR, errnoName } from '../../base/errno.ts';
import { type Setting, spawnProgram } from '../../linux/spawn.ts';
import type { LaunchOrder } from './launch-protocol.ts';

const EXIT_CANNOT_EXECUTE = 126;
const EXIT_NOT_FOUND = 127;
/** Where programs are when PATH is not set: what confstr(_CS_PATH) says. */
const DEFAULT_PATH = '/bin:/usr/bin';
const SHELL = '/bin/sh';
/** The kernel looks no further for the name of an interpreter. */
const FIRST_LINE = 256;
/** The next directory of PATH may have the command all the same. */
const SEARCH_GOES_ON: readonly number[] = [ENOENT, ENOTDIR, EACCES, ENODEV];

type Started = { readonly pid: number } | { readonly text: string; readonly code: number };

/** Node takes paths with any bytes as such. */
const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');
/** Byte strings as people read them. */
const shown = (text: string): string => bytesOf(text).toString();

/** To look takes a tenth of the time of trying to start what is not there. */
function isMissing(path: string): boolean {
  try {
    return statSync(bytesOf(path), { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function candidates(name: string, environment: readonly string[]): string[] {
  if (name.includes('/')) return [name];
  const entry = environment.find((each) => each.startsWith('PATH='));
  const path = entry?.slice('PATH='.length) ?? DEFAULT_PATH;
  return path.split(':').map((directory) => (directory === '' ? name : `${directory}/${name}`));
}

function kindOf(path: string): 'none' | 'file' | 'directory' {
  try {
    return statSync(bytesOf(path)).isDirectory() ? 'directory' : 'file';
  } catch {
    return 'none';
  }
}

/** The interpreter that the first line of a script names. */
function interpreterOf(path: string): string | undefined {
  try {
    const fd = openSync(bytesOf(path), 'r');
    const start = Buffer.alloc(FIRST_LINE);
    const length = readSync(fd, start, 0, FIRST_LINE, 0);
    closeSync(fd);
    return /^#![ \t]*([^ \t\n]+)/.exec(start.toString('latin1', 0, length))?.[1];
  } catch {
    return undefined;
  }
}

function explain(name: string, path: string, code: number): Started {
  const refuse = (why: string, exit: number) => ({ text: `cannot run ${shown(name)}: ${why}`, code: exit });
  const kind = kindOf(path);
  if (code === ENOENT && kind === 'file') {
    const interpreter = interpreterOf(path);
    const missing =
      interpreter === undefined ? 'the loader it needs' : `its interpreter ${shown(interpreter)}`;
    return refuse(`${missing} is not there`, EXIT_CANNOT_EXECUTE);
  }
  if (code === ENOENT || code === ENOTDIR) return refuse('no such command', EXIT_NOT_FOUND);
  if (kind === 'directory') return refuse('it is a directory', EXIT_CANNOT_EXECUTE);
  if (code === EACCES) return refuse('it is not executable', EXIT_CANNOT_EXECUTE);
  if (code === E2BIG) return refuse('its arguments and environment are too long', EXIT_CANNOT_EXECUTE);
  return refuse(errnoName(code), EXIT_CANNOT_EXECUTE);
}

/** Starts the command of `order` as a child of this process. */
export function startCommand(order: LaunchOrder, setting?: Setting): Started {
  const { command, environment } = order;
  const name = command[0] ?? '';
  let found: { path: string; code: number } = { path: name, code: ENOENT };
  for (const path of name === '' ? [] : candidates(name, environment)) {
    if (path !== name && isMissing(path)) continue;
    let result = spawnProgram({ file: path, argv: command, environment }, order, setting);
    // A script without a first line that names its interpreter.
    if ('errno' in result && result.errno === ENOEXEC) {
      const argv = [SHELL, path, ...command.slice(1)];
      result = spawnProgram({ file: SHELL, argv, environment }, order, setting);
    }
    if ('pid' in result) return result;
    const code = result.errno;
    // What was there and could not be executed explains more than what was not there in the end.
    if (found.code === ENOENT || code === EACCES || kindOf(path) === 'file') found = { path, code };
    if (!SEARCH_GOES_ON.includes(code) || (code === ENOENT && kindOf(path) === 'file')) break;
  }
  return explain(name, found.path, found.code);
}
