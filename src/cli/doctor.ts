/** `usercam doctor`: what is needed, whether it is there, and what to do if not. */
import { existsSync, readFileSync } from 'node:fs';
import { tryInstall } from '../syscalls/index.ts';
import { print } from './messages.ts';
import { DIRECTORY, REQUIREMENTS, type Requirement } from './requirements.ts';

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
];

/** Prints the findings; gives the exit code: 0 if usercam works here. */
export function doctor(): number {
  let works = true;
  let report = '';
  for (const { what, trouble, harmless } of checks(tryInstall())) {
    const found = trouble();
    if (found !== undefined && !harmless) works = false;
    const mark = found === undefined ? 'ok  ' : harmless ? 'note' : 'FAIL';
    report += `${mark}  ${what}${found === undefined ? '' : `: ${found}`}\n`;
  }
  print(`${report}${works ? 'usercam works here.' : 'usercam does not work here.'}\n`);
  return works ? 0 : 1;
}
