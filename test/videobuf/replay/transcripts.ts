/** What was recorded of the real framework, and what is expected to be different here. */
import { readFileSync } from 'node:fs';
import type { Memory } from '../measuring.ts';

/** What was recorded: of each kind of buffers, and of one with an external lock. */
export type Recording = Memory | 'external lock';

export interface Expectation {
  readonly kinds: readonly Recording[];
  readonly scenario: string;
  readonly why: string;
  readonly differences: readonly string[];
}

export interface Scenario {
  readonly title: string;
  readonly lines: string[];
}

export const groups = [
  ...['req', 'qry', 'qbu', 'dqb', 'str', 'map', 'rds', 'rdo', 'pol', 'cls', 'sig', 'oth', 'met'],
] as const;

const short: Readonly<Record<Memory, string>> = {
  vmalloc: 'vmalloc',
  'dma-sg': 'sg',
  'dma-contig': 'contig',
};

/** The scenarios that a transcript has, by name. */
export function scenariosIn(text: string): Map<string, Scenario> {
  const found = new Map<string, Scenario>();
  let lines: string[] | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('-- ')) lines = undefined;
    const heading = /^== (\w+): (.*)$/.exec(line);
    if (heading !== null) {
      lines = [];
      found.set(heading[1] as string, { title: heading[2] as string, lines });
    } else lines?.push(line);
  }
  return found;
}

/** With an external lock there is one file, of vmalloc buffers: group `all`. */
export function recorded(kind: Recording, group: string): Map<string, Scenario> {
  const file = kind === 'external lock' ? 'extlock-vmalloc' : `${short[kind]}-${group}`;
  const name = `../../../../test/videobuf/transcripts/${file}.txt`;
  return scenariosIn(readFileSync(new URL(name, import.meta.url), 'latin1'));
}
