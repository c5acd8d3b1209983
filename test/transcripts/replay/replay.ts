/** Runs the programs of the transcripts under `usercam run`, and compares what they say with what a kernel made them say. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { client, transcriptClient } from '../../support/clients.ts';
import { root, runUsercam, scratch } from '../../support/door.ts';
import { goldenSection, questionsOf } from '../../support/errno-words.ts';
import { expectations } from './expectations.ts';
import { judge, type Verdict } from './judge.ts';
import { goldenSections, type Replay, type Session, sessions } from './table.ts';

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

/** The program and its arguments, for a shell; what it reads is left in `directory`. */
function commandOf({ transcript, program, args, isAsked }: Replay, directory: string): string {
  const path = isAsked ? client(program) : transcriptClient(program);
  const command = [path, ...args].map(quote).join(' ');
  if (!isAsked) return command;
  const lines = kernelText(transcript).split('\n');
  const asked = questionsOf(lines.filter((line) => !HEADER.test(line)));
  const input = join(directory, `${transcript}.questions`);
  writeFileSync(input, asked.join('\n'));
  return `${command} < ${quote(input)}`;
}

/** What each program of a session has said. */
async function ask({ camera, replays }: Session): Promise<ReadonlyMap<string, string>> {
  const output = scratch();
  const script = replays.map(
    (replay) => `${commandOf(replay, output)} > ${quote(join(output, replay.transcript))}`,
  );
  const cameras = [camera];
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

/** Asks everything in the table, and looks at what is asked elsewhere. */
export async function replayAll(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const session of sessions) {
    const said = await ask(session);
    for (const { transcript } of session.replays)
      outcomes.push(outcomeOf(transcript, said.get(transcript) ?? ''));
  }
  for (const [transcript, section] of goldenSections)
    outcomes.push(outcomeOf(transcript, goldenSection(section).join('\n')));
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
