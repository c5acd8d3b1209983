/** A program in the form that V8 has made of it when usercam was built: to read it anew takes each session some 30 ms. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** The file in which that form is of the program `path`; each version of Node has its own. */
export function compiledName(path: string): string {
  return `${path}.${process.version}-${process.arch}`;
}

/** How stacks name the program `path`: the compiled form has the name that it was compiled with, wherever it has gone since. */
const nameInStacks = (path: string): string => `usercam:${basename(path)}`;

const HEAD = Buffer.from('(function (exports, require, module, __filename, __dirname) { ');
const TAIL = Buffer.from('\n})');

/**
 * The program `path`, of which `compiled` is taken if this V8 can use it. It gives a function, with the parameters of all modules
 * that are no ES modules.
 */
export function scriptOf(path: string, compiled: Buffer | undefined): Script {
  // Put together as bytes: each text of this length stays for long.
  const text = Buffer.concat([HEAD, readFileSync(path), TAIL]).toString();
  return new Script(text, {
    filename: nameInStacks(path),
    ...(compiled !== undefined && { cachedData: compiled }),
  });
}

function compiledOf(path: string): Buffer | undefined {
  try {
    return readFileSync(compiledName(path));
  } catch {
    return undefined;
  }
}

/** What a program exports, and what V8 has made of it. */
export interface Running {
  readonly exports: unknown;
  /** Undefined where that is Bun's, which has a form of its own. */
  readonly script: Script | undefined;
}

/** Runs the program `path` in this thread. Throws what it throws. */
export function runProgram(path: string): Running {
  const require = createRequire(path);
  if (process.versions.bun !== undefined) return { exports: require(path), script: undefined };
  const script = scriptOf(path, compiledOf(path));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  return { exports: module.exports, script };
}

/** The arguments with which Node runs the program `name`, which is in `programs`, and for a thread its file and its argument. */
export function argumentsFor(programs: URL, name: string): readonly [begin: string, program: string] {
  const pathOf = (file: string) => fileURLToPath(new URL(file, programs));
  return [pathOf('./begin.cjs'), pathOf(name)];
}
