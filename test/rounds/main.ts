/**
 * `npm run rounds -- [ROUNDS [SESSIONS [WAY,…]]]`: so many times so many sessions with two cameras each, all at once, used and ended
 * or killed; then what is left, counted, as a line of JSON. It fails if that is more than there was before. Standard error says
 * how far it is, and what is held after each round.
 */
import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdings } from './holdings.ts';
import { rounds, type Way } from './rounds.ts';

const [total = '100', count = '20', ways = 'end,daemon,client,source,owner'] = process.argv.slice(2);

const directory = mkdtempSync(join(tmpdir(), 'rounds-'));
process.env.TMPDIR = directory;
process.env.XDG_RUNTIME_DIR = '';
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const result = await rounds(Number(total), Number(count), ways.split(',') as Way[], (way) => {
  const seconds = Math.round(performance.now() / 1000);
  console.error(`${seconds} s: ${way} ${JSON.stringify(holdings(directory))}`);
});
console.log(JSON.stringify(result));
deepStrictEqual(result.after, result.before);
