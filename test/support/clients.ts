/** The test clients, compiled once: a program is found again by the contents of what it was made of. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CapabilityName } from './capabilities.ts';
import { isUsable, programOf } from './needs.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sources = join(root, 'test', 'clients');
const built = join(root, 'dist', 'clients');
const env = { ...process.env, CGO_ENABLED: '0', GOCACHE: join(built, 'go-cache'), GO111MODULE: 'off' };

/** The programs of the transcripts: theirs is the node for deeds, see test/transcripts/measuring. */
const transcriptSources = join(root, 'test', 'transcripts', 'client');
const DEEDS = '/dev/video2';

interface Kind {
  readonly sources: string;
  readonly compiler: CapabilityName;
  readonly suffix: string;
  readonly options: readonly string[];
}

/** What some distributions have their compilers do unasked, so that what it refuses is refused everywhere. */
const FORTIFIED = ['-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'];

const C: Kind = {
  sources,
  compiler: 'gcc',
  suffix: '.c',
  options: ['-O2', '-Wall', '-Wextra', '-Werror', ...FORTIFIED],
};
const STATIC: Kind = { ...C, compiler: 'gcc -static', options: [...C.options, '-static'] };
const TRANSCRIPT: Kind = {
  ...C,
  sources: transcriptSources,
  options: ['-O2', '-pthread', `-DDEEDS="${DEEDS}"`],
};
const GO: Kind = { sources, compiler: 'go', suffix: '.go', options: ['build'] };

function digest(source: string, { sources, compiler, options }: Kind): string {
  const hash = createHash('sha256').update([process.arch, compiler, ...options].join('\0'));
  const headers = readdirSync(sources).filter((name) => name.endsWith('.h'));
  const text = readFileSync(join(sources, source), 'latin1');
  const included = [...text.matchAll(/^#include "(\.\.\/[^"]+)"/gm)].map(([, path = '']) => path);
  for (const name of [source, ...headers.sort(), ...included]) hash.update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}

/** A program that is not there yet. */
interface Build {
  readonly command: readonly [string, ...string[]];
  /** Gives the program its name when it is complete; throws when the compiler has failed. */
  readonly finish: (code: number | null, words: string) => void;
}

/** Whoever has no compiler has no program either, although somebody else may have made it before. */
function prepare(name: string, kind: Kind): { output: string; missing?: Build } {
  const compiler = programOf(kind.compiler);
  const source = `${name}${kind.suffix}`;
  const directory = join(built, digest(source, kind));
  const output = join(directory, name);
  if (existsSync(output)) return { output };
  mkdirSync(directory, { recursive: true });
  const unfinished = `${output}.${process.pid}`;
  const finish = (code: number | null, words: string) => {
    if (code !== 0) throw new Error(`${compiler} cannot build ${source}: ${words || `exit code ${code}`}`);
    renameSync(unfinished, output);
  };
  const command = [compiler, ...kind.options, '-o', unfinished, join(kind.sources, source)] as const;
  return { output, missing: { command, finish } };
}

function build(name: string, kind: Kind): string {
  const { output, missing } = prepare(name, kind);
  if (missing !== undefined) {
    const [compiler, ...options] = missing.command;
    const { status, stderr } = spawnSync(compiler, options, { encoding: 'utf8', env });
    missing.finish(status, stderr);
  }
  return output;
}

/** The path of a compiled test client. */
export const client = (name: string): string => build(name, C);
export const staticClient = (name: string): string => build(name, STATIC);
export const transcriptClient = (name: string): string => build(name, TRANSCRIPT);
export const goClient = (name: string): string => build(name, GO);

async function buildInBackground({ command: [compiler, ...options], finish }: Build): Promise<void> {
  const child = spawn(compiler, options, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (data) => {
    words += String(data);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  finish(code, words);
}

/** Compiles all that a compiler is there for, on all processors. */
export async function buildClients(): Promise<void> {
  const missing = [C, TRANSCRIPT, GO]
    .filter((kind) => isUsable(kind.compiler))
    .flatMap((kind) =>
      readdirSync(kind.sources)
        .filter((file) => file.endsWith(kind.suffix))
        .flatMap((file) => prepare(file.slice(0, -kind.suffix.length), kind).missing ?? []),
    );
  const work = async () => {
    for (let each = missing.pop(); each !== undefined; each = missing.pop()) await buildInBackground(each);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}
