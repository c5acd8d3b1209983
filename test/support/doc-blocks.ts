/** The code of a page, as programs that run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './door.ts';

export interface Block {
  /** `docs/sessions.md:7` */
  readonly name: string;
  readonly language: 'ts' | 'sh';
  readonly code: string;
}

/** Fenced blocks of languages that run; others are what programs say, and parts of files. */
const FENCE = /^```(ts|sh)\n([\s\S]*?)^```$/gm;

/** A block of TypeScript that imports nothing goes on where the one before it has ended. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks: Block[] = [];
  for (const { index, 1: language, 2: code = '' } of text.matchAll(FENCE)) {
    const last = blocks.at(-1);
    if (language === 'ts' && last?.language === 'ts' && !code.startsWith('import '))
      blocks[blocks.length - 1] = { ...last, code: last.code + code };
    else {
      const line = text.slice(0, index).split('\n').length;
      blocks.push({ name: `${page}:${line}`, language: language as Block['language'], code });
    }
  }
  return blocks;
}
