/** A program in the form that V8 has made of it when usercam was built: to read it anew takes each session some 30 ms. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
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
