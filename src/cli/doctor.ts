/** `usercam doctor`: what is needed, whether it is there, and what to do if not. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { ffmpegTrouble } from '../producers/trouble.ts';
import { DIRECTORY, REQUIREMENTS, type Requirement } from '../session/requirements.ts';
import { tryInstall } from '../syscalls/index.ts';
import { print } from './messages.ts';

const CAP_SYS_PTRACE = 19n;

interface Check extends Requirement {
  /** True if usercam works all the same. */
  readonly harmless?: boolean;
}

function signalTrouble(filter: ReturnType<typeof tryInstall>): string | undefined {
  if (typeof filter === 'string' || filter.killable) return undefined;
  return 'a program that gets thousands of signals a second may lose frames; Linux 5.19 and newer do not';
}

/** Root in a container often lacks the right to read the memory of other users. */
function otherUsersTrouble(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/proc/self/status')) return undefined;
  const mask = /^CapEff:\s+(\w+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  if ((BigInt(`0x${mask}`) >> CAP_SYS_PTRACE) & 1n) return undefined;
  return 'a command that changes its user (gosu, setpriv, su) sees no camera; add the capability SYS_PTRACE, or start usercam as that user';
}

function nameTrouble(): string | undefined {
  if (!existsSync('/dev/video0')) return undefined;
  return 'the host has a camera there; ours are numbered after it, or take its place with --replace';
}

/** Told in this order; `filter` is what installing the filter gives here. */
const checks = (filter: ReturnType<typeof tryInstall>): readonly Check[] => [
  ...REQUIREMENTS,
  { what: 'seccomp user notification', trouble: () => (typeof filter === 'string' ? filter : undefined) },
  DIRECTORY,
  { what: 'calls that no signal takes away', harmless: true, trouble: () => signalTrouble(filter) },
  { what: 'programs that change their user', harmless: true, trouble: otherUsersTrouble },
  { what: 'the name /dev/video0', harmless: true, trouble: nameTrouble },
  { what: 'ffmpeg, for films and H.264', harmless: true, trouble: ffmpegTrouble },
];

interface Finding {
  readonly what: string;
  readonly mark: 'ok' | 'note' | 'FAIL';
  readonly text: string | undefined;
}

function findings(): readonly Finding[] {
  return checks(tryInstall()).map(({ what, trouble, harmless }) => {
    const text = trouble();
    return { what, mark: text === undefined ? 'ok' : harmless ? 'note' : 'FAIL', text };
  });
}

const NUMBER = /^[0-9]+$/;

/** The soft limits of a process, by the names that /proc has for them; null is none. */
function limits(): Record<string, number | null> {
  const names = ['Max open files', 'Max processes', 'Max locked memory', 'Max address space'];
  const text = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'latin1') : '';
  return Object.fromEntries(
    names.map((name) => {
      const soft = text.split(name)[1]?.trim().split(/\s+/)[0] ?? '';
      return [name.slice('Max '.length), NUMBER.test(soft) ? Number(soft) : null];
    }),
  );
}

/** What runs usercam. Bun has a version of Node too, of which it is not. */
function runtime(): { readonly node: string } | { readonly bun: string } {
  const { bun } = process.versions;
  return bun === undefined ? { node: process.version } : { bun };
}

/** What is asked for in a report of a fault. */
function facts(version: string) {
  return {
    usercam: version,
    ...runtime(),
    kernel: release(),
    arch: process.arch,
    uid: process.getuid?.() ?? null,
    processors: availableParallelism(),
    memory: totalmem(),
    limits: limits(),
  };
}

interface DoctorOptions {
  readonly json: boolean;
  readonly version: string;
}

/** Prints the findings; gives the exit code: 0 if usercam works here. */
export function doctor({ json, version }: DoctorOptions): number {
  const found = findings();
  const works = found.every(({ mark }) => mark !== 'FAIL');
  if (json) {
    const described = found.map(({ what, mark, text }) => ({
      what,
      result: mark.toLowerCase(),
      text: text ?? null,
    }));
    print(`${JSON.stringify({ works, findings: described, facts: facts(version) }, undefined, 2)}\n`);
  } else {
    const lines = found.map(
      ({ what, mark, text }) => `${mark.padEnd(4)}  ${what}${text === undefined ? '' : `: ${text}`}\n`,
    );
    print(`${lines.join('')}${works ? 'usercam works here.' : 'usercam does not work here.'}\n`);
  }
  return works ? 0 : 1;
}
