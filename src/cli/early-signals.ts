/** Signals that come before anybody passes them on. */
import { constants } from 'node:os';
import type { Given } from '../session/given.ts';

const HELD = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2', 'SIGALRM'] as const;

/**
 * Keeps those that would not end the command, as it would not hear of them or would hear of them later, and SIGUSR1, by which Node
 * would open its debugger; all others end this process. Gives them to whoever passes them on from then on.
 */
export function holdSignals({ ignored, blocked }: Given): () => readonly number[] {
  const early: number[] = [];
  const hold = (_name: NodeJS.Signals, number: number) => early.push(number);
  const isKept = (name: NodeJS.Signals) => [...ignored, ...blocked].includes(constants.signals[name]);
  const names = [...HELD.filter(isKept), 'SIGUSR1' as const];
  for (const name of names) process.on(name, hold);
  return () => {
    for (const name of names) process.off(name, hold);
    return early;
  };
}
