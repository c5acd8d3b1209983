/**
 * Puts the filter of a container on this process and executes a command: seccomp-profile.js PROFILE /PATH/TO/COMMAND...
 *
 * PROFILE is a file as Docker and Podman publish theirs. What it says of a container without capabilities goes
 * to libseccomp, which makes the filter in containers, too.
 */
import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { F_SETFD } from '../../src/linux/constants.ts';
import { fcntl } from '../../src/linux/libc.ts';
import { becomeProgram } from '../../src/linux/spawn.ts';

interface Argument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: keyof typeof COMPARISONS;
}

interface Condition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
}

interface Rule {
  readonly names: readonly string[];
  readonly action: keyof typeof ACTIONS;
  readonly errnoRet?: number;
  readonly args?: readonly Argument[] | null;
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

interface Profile {
  readonly defaultAction: keyof typeof ACTIONS;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly Rule[];
}

const EPERM = 1;
const ACTIONS = { SCMP_ACT_ALLOW: 0x7fff0000, SCMP_ACT_ERRNO: 0x00050000 } as const;
const COMPARISONS = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
} as const;
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

const libseccomp = koffi.load('libseccomp.so.2');
const scmpArgCmp = koffi.struct('scmp_arg_cmp', {
  arg: 'unsigned int',
  op: 'int',
  datum_a: 'uint64_t',
  datum_b: 'uint64_t',
});
const init = libseccomp.func('seccomp_init', 'void *', ['uint32_t']);
const resolve = libseccomp.func('seccomp_syscall_resolve_name', 'int', ['str']);
const addRule = libseccomp.func('seccomp_rule_add_array', 'int', [
  'void *',
  'uint32_t',
  'int',
  'unsigned int',
  koffi.pointer(scmpArgCmp),
]);
const load = libseccomp.func('seccomp_load', 'int', ['void *']);

/** A name that libseccomp does not know: nothing can be said of it, as in a container. */
const UNKNOWN = -1;

function actionOf(name: keyof typeof ACTIONS, errno = EPERM): number {
  return name === 'SCMP_ACT_ERRNO' ? ACTIONS[name] | errno : ACTIONS[name];
}

/** Whether a rule counts for a container without capabilities on this architecture. */
function holds({ includes = {}, excludes = {} }: Rule): boolean {
  if ((includes.caps ?? []).length > 0) return false;
  if (includes.arches !== undefined && !includes.arches.includes(architecture)) return false;
  return !excludes.arches?.includes(architecture);
}

function conditionOf({ index, op, value, valueTwo = 0 }: Argument): object {
  return { arg: index, op: COMPARISONS[op], datum_a: value, datum_b: valueTwo };
}

function check(result: number, what: string): void {
  if (result < 0) throw new Error(`${what}: errno ${-result}`);
}

function install({ defaultAction, defaultErrnoRet, syscalls }: Profile): void {
  const otherwise = actionOf(defaultAction, defaultErrnoRet);
  const filter = init(otherwise);
  for (const rule of syscalls.filter(holds)) {
    const action = actionOf(rule.action, rule.errnoRet);
    // libseccomp refuses a rule that says what is said of all the others.
    if (action === otherwise) continue;
    const args = (rule.args ?? []).map(conditionOf);
    for (const name of rule.names) {
      const number = resolve(name);
      if (number !== UNKNOWN)
        check(addRule(filter, action, number, args.length, args), `the rule for ${name}`);
    }
  }
  check(load(filter), 'the filter');
}

const [path = '', ...words] = process.argv.slice(2);
install(JSON.parse(readFileSync(path, 'utf8')) as Profile);
// Node has marked them close-on-exec.
for (const standardStream of [0, 1, 2]) fcntl(standardStream, F_SETFD, 0);
const environment = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
becomeProgram({ file: words[0] as string, argv: words, environment });
throw new Error(`cannot execute ${words.join(' ')}`);
