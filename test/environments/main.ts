/**
 * `npm run test:environments`: what the README promises of kernels and containers, on kernels of Debian in
 * emulated machines and under the filters of container engines. What is missing for an environment is
 * installed where CI=true and root runs this; elsewhere the environment is skipped, and the table says why.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';
import { type Architecture, debianTrouble } from './debian.ts';
import { checkFilter, engines } from './filters.ts';
import { checkGuest, machines } from './guest.ts';
import { type Finding, report } from './report.ts';

interface Environment {
  readonly name: string;
  /** Programs and their Debian packages. */
  readonly programs: Readonly<Record<string, string>>;
  readonly check: (directory: string) => Promise<readonly Finding[]>;
}

const guests = (Object.keys(machines) as Architecture[]).map((architecture): Environment => {
  const { program, package: name } = machines[architecture];
  return {
    name: `Debian's kernel on ${architecture}`,
    programs: { [program]: name, npm: 'npm' },
    check: (directory) => checkGuest(architecture, directory),
  };
});

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

/** Environments whose names contain all of `words`; the emulated machines run side by side. */
async function main(words: readonly string[]): Promise<void> {
  const wanted = [...filters, ...guests].filter(({ name }) => words.every((word) => name.includes(word)));
  console.log(`${wanted.length} environments, about 2 minutes on two processors`);
  const packages = wanted.flatMap((each) => missing(each).map((program) => each.programs[program] as string));
  if (isComplete && process.getuid?.() === 0 && packages.length > 0) await install([...new Set(packages)]);
  const directory = mkdtempSync(join(tmpdir(), 'environments-'));
  // The checks are an ordinary user's.
  chmodSync(directory, 0o755);
  try {
    const findings = await Promise.all(wanted.map((each, i) => look(each, join(directory, String(i)))));
    process.exitCode = report(findings.flat()) ? 0 : 1;
    console.log(`${Math.round(performance.now() / 1000)} s`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
