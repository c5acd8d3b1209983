import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Arch, archOf, type CallName } from '../../src/linux/arch.ts';
import { AF_NETLINK, NETLINK_KOBJECT_UEVENT, RLIMIT_NOFILE, SOCK_RAW } from '../../src/linux/constants.ts';
import { callHandlers } from '../../src/syscalls/calls/call-table.ts';
import type { Context } from '../../src/syscalls/calls/context.ts';
import type { Operations } from '../../src/syscalls/calls/operations.ts';
import { SECCOMP_RET_USER_NOTIF } from '../../src/syscalls/wire/bpf.ts';
import { buildFilter, reservedRange } from '../../src/syscalls/wire/filter.ts';
import { runBpf, seccompData } from '../support/bpf-machine.ts';
import { NEITHER, namesOf, SURFACE, surfacePage } from '../support/syscall-surface.ts';

const CLONE_FILES = 0x400;
const HEADER = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
const page = new URL('../../../docs/syscalls.md', import.meta.url);
const listed = [...SURFACE.flatMap(namesOf), ...NEITHER];

/** The kernel's list on this machine. */
const numbers = new Map(
  existsSync(HEADER)
    ? [...readFileSync(HEADER, 'latin1').matchAll(/^#define __NR_(\w+)\s+(\d+)$/gm)].map(
        ([, name = '', nr]) => [name, Number(nr)] as const,
      )
    : [],
);
const skip = numbers.size === 0 && `there is no ${HEADER}`;

test('every system call is in the table once', { skip }, () => {
  assert.deepEqual(
    listed.filter((name, i) => listed.indexOf(name) !== i),
    [],
    'twice',
  );
  assert.deepEqual(
    [...numbers.keys()].filter((name) => !listed.includes(name)),
    [],
    'missing',
  );
});

test('docs/syscalls.md is what the table says: else run npm run docs', {
  skip: !existsSync(page) && 'no docs here',
}, () => {
  assert.equal(readFileSync(page, 'utf8'), surfacePage());
});

test('what the table says that usercam serves is trapped and served, and nothing else is', { skip }, () => {
  const x64 = archOf('x64') as Arch;
  const filter = buildFilter(x64, reservedRange(1024));
  // Every argument is a number of the reserved range: no rule lets such a call pass.
  const args = Array.from({ length: 6 }, () => 0x301);
  // But these take none.
  const others: Record<string, number[]> = {
    socket: [AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT, 0, 0, 0],
    clone: [CLONE_FILES, 0, 0, 0, 0, 0],
    unshare: [CLONE_FILES, 0, 0, 0, 0, 0],
    getrlimit: [RLIMIT_NOFILE, 0, 0, 0, 0, 0],
    setrlimit: [RLIMIT_NOFILE, 0, 0, 0, 0, 0],
    prlimit64: [0, RLIMIT_NOFILE, 0, 0, 0, 0],
  };
  const handlers = callHandlers({} as Context, {} as Operations);
  const own = archOf() as Arch;
  for (const [name, nr] of numbers) {
    const served = SURFACE.some((row) => row.by === 'door' && namesOf(row).includes(name));
    const decision = runBpf(filter, seccompData(x64.audit, nr, others[name] ?? args));
    assert.equal(decision === SECCOMP_RET_USER_NOTIF, served, `${name} in the filter`);
    const ownNumber = own.nr[name as CallName];
    if (ownNumber !== undefined)
      assert.equal(handlers[ownNumber] !== undefined, served, `${name} has a handler`);
    else assert.equal(served && process.arch === 'x64', false, `${name} has a number`);
  }
});
