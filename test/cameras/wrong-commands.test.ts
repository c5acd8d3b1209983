/** Wrong commands and configurations, as a user types them: one sentence each, with its mend. */
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  needs,
  programOf,
  type Result,
  run,
  runtime,
  scratch,
  start,
  until,
  usercam,
} from '../support/door.ts';
import { type WrongCommand, wrongCommands } from '../support/mistakes/commands.ts';

const { cameras, sources, pictures, usage, places, steering } = wrongCommands;

interface Shell {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A directory with these files, where no session is. */
function shellWith(files: Readonly<Record<string, string>> = {}): Shell {
  const cwd = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return { cwd, env: { XDG_RUNTIME_DIR: scratch() } };
}

const titleOf = ({ words, files = {} }: WrongCommand) =>
  [...words, ...Object.entries(files).map(([name, text]) => `(${name}: ${text})`)]
    .join(' ')
    .replaceAll('\n', ' ');

/** Names that are another in each run. */
function general(stderr: string, { cwd, env }: Shell): string {
  const place = new RegExp(`${env.XDG_RUNTIME_DIR}/usercam-\\d+/[0-9a-f]{16}`);
  return stderr
    .replace(place, 'PLACE')
    .replaceAll(cwd, 'DIR')
    .replace(/usercam-\d+\/[0-9a-f]{16}/, 'usercam-UID/NAME');
}

async function assertSaid({ words, env, says, code }: WrongCommand, shell: Shell): Promise<Result> {
  const result = await run([runtime, usercam, ...words], { ...shell, env: { ...shell.env, ...env } });
  assert.equal(general(result.stderr, shell), `usercam: ${says}\n`);
  assert.equal(result.code, code);
  return result;
}

for (const wrong of [...cameras, ...sources, ...usage, ...places])
  test(`usercam ${titleOf(wrong)} is told in one sentence`, needs([]), async () => {
    const { text } = await assertSaid(wrong, shellWith(wrong.files));
    assert.equal(text, '');
  });

/** Where `without` is not. */
function pathWithout(): string {
  const path = scratch();
  symlinkSync(programOf('v4l2-ctl'), join(path, 'v4l2-ctl'));
  return path;
}

for (const wrong of pictures)
  test(
    `usercam ${titleOf(wrong)} shows the placeholder and says why`,
    needs(['v4l2-ctl', 'ffmpeg']),
    async () => {
      const { cwd, env } = shellWith(wrong.files);
      const path = wrong.without === undefined ? {} : { PATH: pathWithout() };
      const running = start([runtime, usercam, ...wrong.words], { cwd, env: { ...env, ...path } });
      let told = '';
      running.child.stderr?.on('data', (data) => {
        told += String(data);
      });
      await until(wrong.says, () => told.includes(`usercam: ${wrong.says}\n`));
      process.kill(running.pid, 'SIGTERM');
      await running.end;
    },
  );

let session: Shell | undefined;

before(async () => {
  session = shellWith();
  const up = [
    runtime,
    usercam,
    'up',
    '--replace',
    '--until',
    String(process.pid),
    '-c',
    'vivi',
    '-c',
    'webcam',
  ];
  const { code, stderr } = await run(up, session);
  assert.equal(code, 0, stderr);
});

after(async () => {
  if (session !== undefined) await run([runtime, usercam, 'down'], session);
});

for (const wrong of steering)
  test(`usercam ${titleOf(wrong)} is told in one sentence by a session`, needs([]), async () => {
    await assertSaid(wrong, session as Shell);
  });
