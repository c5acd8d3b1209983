/** What is expected to be different, and why. */
import { readFileSync } from 'node:fs';
import { type Comparison, compare } from './compare.ts';
import { replayed } from './replay.ts';
import { type Expectation, groups, type Recording, recorded } from './transcripts.ts';

const file = new URL('../../../../test/videobuf/expectations.json', import.meta.url);

export function expectations(): readonly Expectation[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Expectation[];
}

/** All scenarios of one kind, compared with what was recorded. */
export function compareAll(kind: Recording): Map<string, Comparison> {
  const hasExtLock = kind === 'external lock';
  const results = new Map<string, Comparison>();
  for (const group of hasExtLock ? ['all'] : groups) {
    const truth = recorded(kind, group);
    const here = replayed(hasExtLock ? 'vmalloc' : kind, [...truth.keys()], hasExtLock);
    for (const [name, { lines }] of truth) {
      const told = lines.filter((line) => line !== '');
      results.set(name, compare(told, here.get(name) ?? []));
    }
  }
  return results;
}
