/**
 * Compares every declaration with what the C compiler makes of the installed header. Where there is no
 * compiler or no header the golden file is what holds the declarations.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONSTANTS, LAYOUTS } from './declared.ts';
import { NEWER } from './newer.ts';

const OLDEST = '6.1';
const INCLUDES =
  '#include <linux/version.h>\n#include <linux/videodev2.h>\n#include <linux/media.h>\n#include <time.h>\n';

const SINCE = new Map(Object.entries(NEWER).flatMap(([version, names]) => names.map((n) => [n, version])));

/** `6.10` as a number that can be compared: LINUX_VERSION_CODE without the patch level. */
function versionCode(version: string): number {
  const [major, minor] = version.split('.').map(Number);
  return ((major ?? 0) << 16) | ((minor ?? 0) << 8);
}

function preprocess(...options: string[]): string {
  return execFileSync('gcc', ['-E', '-x', 'c', ...options, '-'], { input: INCLUDES, encoding: 'utf8' });
}

/** The release of the installed headers, or why there is nothing to compare with. */
function headers(): { code: number } | { missing: string } {
  const gcc = spawnSync('gcc', ['--version']);
  if (gcc.status !== 0) return { missing: 'not compared with the C header: no gcc on this machine' };
  const macros = spawnSync('gcc', ['-E', '-dM', '-x', 'c', '-'], { input: INCLUDES, encoding: 'utf8' });
  if (macros.status !== 0) return { missing: 'not compared with the C header: no <linux/videodev2.h> here' };
  const code = Number(/#define LINUX_VERSION_CODE (\d+)/.exec(macros.stdout)?.[1]) & ~0xff;
  if (code < versionCode(OLDEST)) {
    return { missing: `not compared with the C header: it is older than Linux ${OLDEST}` };
  }
  return { code };
}

const installed = headers();
const skip = 'missing' in installed ? installed.missing : false;
const code = 'code' in installed ? installed.code : 0;

/** Whether the installed header has to have this name. */
function expected(name: string): boolean {
  const since = SINCE.get(name);
  return since === undefined || versionCode(since) <= code;
}

/** One value that C has to confirm. */
interface Claim {
  readonly name: string;
  readonly expression: string;
  readonly value: number;
}

/** The claims of one struct. `v4l2_buffer.m`, a struct without a tag, is reached through the one around it. */
function structClaims(name: string): Claim[] {
  const layout = LAYOUTS.get(name)!;
  const [outer, member] = name.split('.') as [string, string | undefined];
  const whole = member === undefined ? `struct ${outer}` : `((struct ${outer} *)0)->${member}`;
  const base = member === undefined ? '0' : `offsetof(struct ${outer}, ${member})`;
  const prefix = member === undefined ? '' : `${member}.`;
  const fields = Object.entries(layout.offsets).filter(([field]) => expected(`${name}.${field}`));
  return [
    { name: `sizeof ${name}`, expression: `sizeof(${whole})`, value: layout.size },
    ...fields.map(([field, offset]) => ({
      name: `${name}.${field}`,
      expression: `offsetof(struct ${outer}, ${prefix}${field}) - ${base}`,
      value: offset,
    })),
  ];
}

function claims(): Claim[] {
  const structs = [...LAYOUTS.keys()].filter(expected).flatMap(structClaims);
  const constants = [...CONSTANTS].flatMap(([name, value]) =>
    typeof value === 'number' && expected(name) ? [{ name, expression: name, value }] : [],
  );
  return [...structs, ...constants];
}

/** Compiles and runs a program that prints the value of each expression. */
function evaluate(expressions: readonly string[]): number[] {
  const directory = mkdtempSync(join(tmpdir(), 'usercam-abi-'));
  try {
    const source = join(directory, 'abi.c');
    const program = join(directory, 'abi');
    const body = expressions.map((e) => `  printf("%llu\\n", (unsigned long long)(${e}));`).join('\n');
    writeFileSync(
      source,
      `#include <stddef.h>\n#include <stdio.h>\n${INCLUDES}int main(void) {\n${body}\n}\n`,
    );
    execFileSync('gcc', ['-w', '-o', program, source]);
    return execFileSync(program, { encoding: 'utf8' }).trim().split('\n').map(Number);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('sizes, offsets and constants are those of the installed header', { skip }, (t) => {
  const all = claims();
  const values = evaluate(all.map(({ expression }) => expression));
  const wrong = all.flatMap(({ name, value }, i) =>
    value === values[i] ? [] : [`${name}: declared ${value}, the header has ${values[i]}`],
  );
  assert.deepEqual(wrong, []);
  t.diagnostic(`${all.length} values compared with the header of Linux ${code >> 16}.${(code >> 8) & 0xff}`);
  const skipped = [...SINCE].filter(([name]) => !expected(name));
  if (skipped.length > 0) {
    t.diagnostic(
      `newer than this header: ${skipped.map(([name, since]) => `${name} (${since})`).join(', ')}`,
    );
  }
});

test('every struct of the installed header is declared', { skip }, () => {
  const tags = new Set<string>();
  let ours = false;
  for (const line of preprocess().split('\n')) {
    const marker = /^# \d+ "([^"]*)"/.exec(line);
    if (marker) ours = /\/linux\/(?:videodev2|media)\.h$/.test(marker[1]!);
    const tag = /^struct ((?:v4l2|media)_\w+) \{/.exec(line);
    if (ours && tag) tags.add(tag[1]!);
  }
  assert.ok(tags.size > 50);
  assert.deepEqual(
    [...tags].filter((tag) => !LAYOUTS.has(tag)),
    [],
  );
});

test('every ioctl and every constant of the installed header is declared', { skip }, () => {
  // Controls of codecs are left to whoever builds a codec; macros of subdevices belong to other headers, as do bus formats;
  // what is in media.h for old programs only is left to them.
  const left =
    /^V4L2_(CID_(MPEG|CODEC|FWHT|STATELESS)|CTRL_CLASS_MPEG|H264|FWHT|VP8|VP9|MPEG2|HEVC|AV1|SUBDEV)_|^MEDIA_(ENT_(T_|TYPE_|F_DTV_DECODER)|INTF_T_ALSA_|API_VERSION|BUS_FMT_|LNK_FL_LINK_TYPE)/;
  const macros = [...preprocess('-dM').matchAll(/^#define ((?:VIDIOC|V4L2|VIDEO_MAX|MEDIA)_\w+) /gm)].map(
    ([, name]) => name!,
  );
  assert.ok(macros.length > 500);
  assert.deepEqual(
    macros.filter((name) => !CONSTANTS.has(name) && !left.test(name)),
    [],
  );
});
