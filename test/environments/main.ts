/**
 * `npm run test:environments`: what the README promises of kernels and containers, on kernels of Debian in
 * emulated machines and under the filters of container engines. What is missing for an environment is
 * installed where CI=true and root runs this; elsewhere the environment is skipped, and the table says why.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilers } from './clients.ts';
import { command } from './command.ts';
import { debianTrouble } from './debian.ts';
import { checkFilter, engines } from './filters.ts';
import { checkGuest, type Guest, machines, otherGuests, usualGuests } from './guest.ts';
import { type Finding, report } from './report.ts';

interface Environment {
  readonly name: string;
  /** Programs and their Debian packages. */
  readonly programs: Readonly<Record<string, string>>;
  readonly check: (directory: string) => Promise<readonly Finding[]>;
}

function environmentOf(guest: Guest): Environment {
  const { program, package: name } = machines[guest.architecture];
  return {
    name: guest.name,
    programs: { [program]: name, npm: 'npm' },
    check: (directory) => checkGuest(guest, directory),
  };
}

/** Those on which the tests of the door run, too. */
function otherEnvironmentOf(guest: Guest): Environment {
  const environment = environmentOf(guest);
  const compiler = compilers[guest.architecture];
  return { ...environment, programs: { ...environment.programs, [compiler.program]: compiler.package } };
}

const filters = engines.map(
  (engine): Environment => ({
    name: `${engine}'s filter`,
    programs: { 'v4l2-ctl': 'v4l-utils', setpriv: 'util-linux' },
    check: (directory) => checkFilter(engine, directory),
  }),
);

const isThere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const isComplete = process.env.CI === 'true';

async function install(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await command(['apt-get', '-qq', 'update'], { env });
  await command(['apt-get', '-qq', 'install', '-y', '--no-install-recommends', ...packages], { env });
}

function missing({ programs }: Environment): readonly string[] {
  return Object.keys(programs).filter((program) => !isThere(program));
}

/** Why an environment cannot be had here. */
function trouble(environment: Environment): string | undefined {
  const programs = missing(environment);
  return programs.length > 0 ? `not installed: ${programs.join(', ')}` : debianTrouble();
}

async function look(environment: Environment, directory: string): Promise<readonly Finding[]> {
  const { name } = environment;
  const words = trouble(environment);
  if (words !== undefined) {
    const result = isComplete ? 'FAIL' : 'skipped';
    return [{ environment: name, check: 'all', result, seconds: 0, words }];
  }
  try {
    mkdirSync(directory);
    const findings = await environment.check(directory);
    console.log(`${name}: done after ${Math.round(performance.now() / 1000)} s`);
    return findings;
  } catch (error) {
    const seconds = 0;
    return [{ environment: name, check: 'all', result: 'FAIL', seconds, words: (error as Error).message }];
  }
}

const usual = [...filters, ...usualGuests.map(environmentOf)];
const others = otherGuests.map(otherEnvironmentOf);

/** The usual environments, or all whose names contain all of `words`. */
function choose(words: readonly string[]): readonly Environment[] {
  if (words.length === 0) return usual;
  const found = [...usual, ...others].filter(({ name }) => words.every((word) => name.includes(word)));
  if (found.length > 0) return found;
  throw new Error(
    `no such environment; there are:\n${[...usual, ...others].map(({ name }) => name).join('\n')}`,
  );
}

/** One after the other: two emulated machines on two processors take longer together than in turn, and each may starve. */
async function lookAll(wanted: readonly Environment[], directory: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [n, environment] of wanted.entries())
    findings.push(...(await look(environment, join(directory, String(n)))));
  return findings;
}

async function main(words: readonly string[]): Promise<void> {
  const wanted = choose(words);
  console.log(`${wanted.length} environments; those without a word take about 2 minutes on two processors`);
  const packages = wanted.flatMap((each) => missing(each).map((program) => each.programs[program] as string));
  if (isComplete && process.getuid?.() === 0 && packages.length > 0) await install([...new Set(packages)]);
  const directory = mkdtempSync(join(tmpdir(), 'environments-'));
  // The checks are an ordinary user's.
  chmodSync(directory, 0o755);
  try {
    process.exitCode = report(await lookAll(wanted, directory)) ? 0 : 1;
    console.log(`${Math.round(performance.now() / 1000)} s`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
