/** Runs the programs of the transcripts under `usercam run`, and compares what they say with what a kernel made them say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transcriptClient } from '../../support/clients.ts';
import { root, runUsercam, scratch } from '../../support/door.ts';
import { expectations } from './expectations.ts';
import { judge, type Verdict } from './judge.ts';
import { type Session, sessions } from './table.ts';

const directory = join(root, 'test', 'transcripts');

/** The longest program waits a few seconds, several times, for what must not happen. */
const SESSION_SECONDS = 110;

/** Says from which kernel by which program a transcript is. */
const HEADER = /^# (kernel|driver|program|purpose): (.*)$/;

function kernelText(transcript: string): string {
  return readFileSync(join(directory, '6.12', `${transcript}.txt`), 'utf8');
}

/** What is compared: no empty lines, and not what only says where it comes from. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !HEADER.test(line));
}

export interface Outcome extends Verdict {
  readonly transcript: string;
  /** What it is about. */
  readonly purpose: string;
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What each program of a session has said. */
async function ask({ camera, replays }: Session): Promise<ReadonlyMap<string, string>> {
  const output = scratch();
  const script = replays.map(({ transcript, program, args }) => {
    const command = [transcriptClient(program), ...args].map(quote).join(' ');
    return `${command} > ${quote(join(output, transcript))}`;
  });
  const cameras = [`./${camera}`];
  const options = { cameras, cwd: directory, seconds: SESSION_SECONDS };
  const result = await runUsercam(['sh', '-c', script.join(' && ')], options);
  if (result.code !== 0 || result.stderr !== '')
    throw new Error(`the programs have failed (${result.code}): ${result.stderr}`);
  return new Map(
    replays.map(({ transcript }) => [transcript, readFileSync(join(output, transcript), 'utf8')]),
  );
}

function outcomeOf(transcript: string, said: string): Outcome {
  const text = kernelText(transcript);
  const [, purpose = ''] = /^# purpose: (.*)$/m.exec(text) ?? [];
  const expected = expectations.filter((each) => each.transcript === transcript);
  return { transcript, purpose, ...judge(linesOf(text), linesOf(said), expected) };
}

/** Asks everything in the table. */
export async function replayAll(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const session of sessions) {
    const said = await ask(session);
    for (const { transcript } of session.replays)
      outcomes.push(outcomeOf(transcript, said.get(transcript) ?? ''));
  }
  return outcomes;
}

export function totalOf(outcomes: readonly Outcome[]) {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, each) => total + of(each), 0);
  return {
    lines: sum(({ lines }) => lines),
    equal: sum(({ equal }) => equal),
    explained: sum(({ explained }) => explained.length),
    unexplained: sum(({ unexplained }) => unexplained.length),
  };
}

/** In hundredths of a percent, not rounded up. */
export function percent({ lines, equal }: { lines: number; equal: number }): string {
  return (Math.floor((equal / lines) * 10_000) / 100).toFixed(2);
}
