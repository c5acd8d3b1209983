/** The projects under `examples/`, as who has copied them runs them; and the files for CI. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { CapabilityName } from '../support/capabilities.ts';
import { leftovers, needs, programOf, root, scratch, start, until } from '../support/door.ts';
import { environmentIn, projectOf } from '../support/installed.ts';

interface Example {
  readonly name: string;
  readonly needs: readonly CapabilityName[];
  /** What `npm run` runs. */
  readonly script?: string;
}

const examples: readonly Example[] = [
  { name: 'browsers', needs: ['chromium'], script: 'test:chromium' },
  { name: 'browsers', needs: ['firefox'], script: 'test:firefox' },
  { name: 'selenium', needs: ['chromium', 'chromedriver'] },
  { name: 'vitest', needs: ['ffmpeg'] },
  { name: 'node-test', needs: ['ffmpeg'] },
  { name: 'pytest', needs: ['opencv', 'pytest'] },
  { name: 'go', needs: ['go'] },
  { name: 'shell', needs: ['ffmpeg'] },
];

/** Runs a line of shell in a project to its end. A runner of tests is not told that tests run it. */
async function runIn(project: string, line: string): Promise<string> {
  const command = ['env', '-u', 'NODE_TEST_CONTEXT', 'sh', '-ec', line];
  const running = start(command, { input: '', cwd: project, env: environmentIn(project) });
  const { code, text, stderr } = await running.end;
  assert.equal(code, 0, `${text}\n${stderr}`);
  // A runner may end its processes before they have ended their session: that then ends by itself.
  await until(`the end of what ${line} has left`, () => leftovers(running.temporary).length === 0);
  return text;
}

for (const { name, needs: programs, script = 'test' } of examples)
  test(`examples/${name}: npm run ${script}`, needs(['npm', ...programs]), async (context) => {
    const text = await runIn(await projectOf(name), `npm run ${script}`);
    for (const [, line = ''] of text.matchAll(/^(?:# )?(from show.* ms)$/gm)) context.diagnostic(line);
  });

/** What is different here: packages are there already, and no registry is asked. */
function stubs(): string {
  const directory = scratch();
  const script = (name: string, text: string) =>
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  script('apt-get', '');
  script('npm', `test "$1" = ci || exec ${programOf('npm')} "$@"`);
  return directory;
}

const read = (file: string): unknown => parse(readFileSync(join(root, 'examples', 'ci', file), 'utf8'));

interface Job {
  readonly container: string;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}
interface Gitlab {
  readonly cameras: { readonly before_script: string[]; readonly script: string[] };
}
interface Pod {
  readonly spec: {
    readonly securityContext: unknown;
    readonly containers: readonly [
      { readonly command: string[]; readonly args: [string]; readonly securityContext: unknown },
    ];
  };
}

const githubLines = (): readonly string[] => {
  const { jobs } = read('github.yml') as { jobs: { test: Job } };
  assert.match(jobs.test.container, /^node:/);
  return jobs.test.steps.flatMap(({ run }) => run ?? []);
};
const gitlabLines = (): readonly string[] => {
  const { cameras } = read('gitlab.yml') as Gitlab;
  return [...cameras.before_script, ...cameras.script];
};
const podLines = (): readonly string[] => {
  const { containers } = (read('kubernetes.yml') as Pod).spec;
  assert.deepEqual(containers[0].command, ['sh', '-ec']);
  return containers[0].args;
};

for (const [file, lines] of Object.entries({
  'github.yml': githubLines,
  'gitlab.yml': gitlabLines,
  'kubernetes.yml': podLines,
}))
  test(`examples/ci/${file}: its commands run`, needs(['npm', 'ffmpeg']), async () => {
    const text = await runIn(await projectOf('node-test'), `PATH=${stubs()}:$PATH\n${lines().join('\n')}`);
    assert.match(text, /pass 4/);
  });

test('the pod satisfies the restricted Pod Security Standard', needs([]), () => {
  const { securityContext, containers } = (read('kubernetes.yml') as Pod).spec;
  assert.deepEqual(securityContext, {
    runAsNonRoot: true,
    runAsUser: 65534,
    runAsGroup: 65534,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  assert.deepEqual(containers[0].securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});
