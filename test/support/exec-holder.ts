/** A program that has memory at a known address, and executes itself when it is told to: with other memory there. */

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { F_SETFD } from '../../src/linux/constants.ts';
import { fcntl, mmap } from '../../src/linux/libc.ts';
import { becomeProgram } from '../../src/linux/spawn.ts';
import { ProcessMemory } from '../../src/syscalls/processes/process-memory.ts';
import { callOf } from './calls.ts';

export const ADDRESS = 2 ** 45;
export const LENGTH = 1 << 20;

const PROT_READ_WRITE = 3;
const PRIVATE_ANONYMOUS_FIXED = 0x32;
const SECOND = 0xaa;

function ownMemory(): ProcessMemory {
  const memory = new ProcessMemory(() => true);
  memory.attach(callOf(process.pid));
  return memory;
}

/** Maps the memory, says who is there and waits for a word. */
async function waitWithMemory(name: string, content: number): Promise<void> {
  if (mmap(ADDRESS, LENGTH, PROT_READ_WRITE, PRIVATE_ANONYMOUS_FIXED, -1, 0) !== ADDRESS) process.exit(1);
  ownMemory().write(ADDRESS, new Uint8Array(LENGTH).fill(content));
  console.log(name);
  await once(process.stdin, 'data');
}

async function first(): Promise<void> {
  await waitWithMemory('first', 0);
  // Node closes them on exec.
  for (const fd of [0, 1, 2]) fcntl(fd, F_SETFD, 0);
  const argv = [process.execPath, fileURLToPath(import.meta.url), 'second'];
  becomeProgram({ file: process.execPath, argv, environment: [] });
  process.exit(1);
}

async function second(): Promise<void> {
  await waitWithMemory('second', SECOND);
  const bytes = new Uint8Array(LENGTH);
  ownMemory().read(ADDRESS, bytes);
  console.log(bytes.every((byte) => byte === SECOND) ? 'untouched' : 'overwritten');
}

if (process.argv[2] === 'first') await first();
else if (process.argv[2] === 'second') await second();
