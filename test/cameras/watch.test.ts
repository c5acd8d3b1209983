/** `usercam run --watch`: a driver out of a file is loaded anew when it is saved, and its cameras are replugged. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, needs, root, scratch, start, until, usercam } from '../support/door.ts';

type Color = readonly [number, number, number];
const RED: Color = [200, 0, 0];
const BLUE: Color = [0, 0, 200];
const FRAME = 640 * 480 * 3;
const CAMERA = './my-camera.ts,size=640x480';
/** Between two of its frames every machine finds time for us; who is unplugged or forgotten loses all that follow. */
const OTHER = 'vivi,size=320x240,fps=1';

const colorsText = (orange: Color): string =>
  `export const colors = { orange: [${orange}], teal: [0, 128, 128] } as const;\n`;

/** The example, whose colours are in a file of their own: what it shows is `color`. */
function directoryWith(color: Color): string {
  const directory = scratch();
  const example = readFileSync(join(root, 'examples', 'my-camera.ts'), 'utf8');
  const driver = example.replace(/^const colors = .*$/m, "import { colors } from './colors.ts';");
  assert.notEqual(driver, example);
  writeFileSync(join(directory, 'my-camera.ts'), driver);
  writeFileSync(join(directory, 'colors.ts'), colorsText(color));
  return directory;
}

/** As editors do that write a new file and give it the name of the old one. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** A session with cameras of a file as /dev/video0 and on, and a shell in it that does as it is told. */
function watching(cwd: string, cameras: readonly string[]) {
  const options = cameras.flatMap((camera) => ['--camera', camera]);
  const running = start([process.execPath, usercam, 'run', '--watch', ...options, '--', 'sh'], { cwd });
  let [said, told] = ['done 0\n', ''];
  running.child.stdout?.on('data', (text) => {
    said += String(text);
  });
  running.child.stderr?.on('data', (text) => {
    told += String(text);
  });
  let count = 0;
  return {
    /** The lines that usercam has said. */
    told: () => told.split('\n').filter((line) => line !== ''),
    /** Waits until usercam has said `lines` lines. */
    hear: (lines: number) => until(`line ${lines}`, () => told.split('\n').length > lines),
    /** Carries out `command` in the shell, to its end; gives what it prints. */
    async do(command: string): Promise<string> {
      const word = `done ${++count}`;
      running.child.stdin?.write(`${command}\necho ${word}\n`);
      await running.line(word);
      return said
        .slice(said.indexOf(`done ${count - 1}\n`), said.indexOf(`${word}\n`))
        .replace(/^done \d+\n/, '');
    },
    finish() {
      running.child.stdin?.end();
      return running.end;
    },
  };
}

/** What the camera shows below everything else. */
const lastPixel = `head -c ${FRAME} /dev/video0 | tail -c 3 | od -An -tu1 | xargs`;
const LOADED = 'usercam: ./my-camera.ts is loaded anew: /dev/video0';

test(
  'a camera is replugged when its file is saved, or one that it imports, and no other camera loses a frame',
  needs(['gcc']),
  async () => {
    const cwd = directoryWith(RED);
    const session = watching(cwd, [CAMERA, OTHER]);
    assert.equal(await session.do(lastPixel), '200 0 0\n');
    // What grep says of a file that is not there yet would be a line that is heard.
    await session.do(`: >result; "${client('plug')}" stay /dev/video1 >result & stay=$!`);
    await session.do('until grep -q streaming result; do :; done');
    writeFileSync(join(cwd, 'colors.ts'), colorsText(BLUE));
    await session.hear(1);
    assert.equal(await session.do(lastPixel), '0 0 200\n');
    replaceFile(join(cwd, 'colors.ts'), colorsText(RED));
    await session.hear(2);
    assert.equal(await session.do(lastPixel), '200 0 0\n');
    const driver = join(cwd, 'my-camera.ts');
    replaceFile(driver, readFileSync(driver, 'utf8').replace('colors[color])', '[1, 2, 3])'));
    await session.hear(3);
    assert.equal(await session.do(lastPixel), '1 2 3\n');
    writeFileSync(join(cwd, 'notes.txt'), 'of no interest');
    writeFileSync(driver, readFileSync(driver));
    await session.hear(4);
    assert.equal(await session.do('ls /dev/video*'), '/dev/video0\n/dev/video1\n');
    const stayed = JSON.parse((await session.do('kill $stay; wait $stay; tail -n 1 result')).trim());
    assert.deepEqual([stayed.gaps, stayed.wrong], [0, 0]);
    const result = await session.finish();
    assert.deepEqual([session.told(), result.code], [Array(4).fill(LOADED), 0]);
  },
);

test(
  'who has the camera open finds it unplugged, and the new one under the same number',
  needs([]),
  async () => {
    const cwd = directoryWith(RED);
    const session = watching(cwd, [CAMERA]);
    await session.do(`exec 5</dev/video0; head -c ${FRAME} <&5 >/dev/null`);
    writeFileSync(join(cwd, 'colors.ts'), colorsText(BLUE));
    await session.hear(1);
    assert.match(await session.do('head -c 3 <&5 2>&1'), /No such device/);
    assert.equal(await session.do(lastPixel), '0 0 200\n');
    assert.equal(
      await session.do('ls /dev/video*; cat /sys/class/video4linux/video0/dev'),
      '/dev/video0\n81:0\n',
    );
    assert.equal((await session.finish()).code, 0);
  },
);

test(
  'what is wrong in a saved file is told with its line; the camera stays, and mends',
  needs([]),
  async () => {
    const cwd = directoryWith(RED);
    const session = watching(cwd, [CAMERA]);
    const colors = join(cwd, 'colors.ts');
    assert.equal(await session.do(lastPixel), '200 0 0\n');
    const wrong: readonly (readonly [text: string, sentence: RegExp])[] = [
      [
        '\nconst colors: = 3;\n',
        /^usercam: \.\/colors\.ts:2 cannot be read as a program: .*; its cameras stay/,
      ],
      [
        '\n\nnull!.x;\n',
        /^usercam: \.\/colors\.ts:3 throws while it is loaded: TypeError: .*; its cameras stay/,
      ],
      ['\nimport "./no.ts";', /^usercam: \.\/colors\.ts:2 imports "\.\/no\.ts", which cannot be found/],
    ];
    for (const [i, [text, sentence]] of wrong.entries()) {
      writeFileSync(colors, text);
      await session.hear(i + 1);
      assert.match(session.told().at(-1) ?? '', sentence);
      assert.equal(await session.do(lastPixel), '200 0 0\n');
    }
    // What was missing is there now, and another file of the driver is as it was.
    writeFileSync(join(cwd, 'no.ts'), 'throw new Error("not yet");\n');
    await session.hear(4);
    assert.match(
      session.told().at(-1) ?? '',
      /^usercam: \.\/no\.ts:1 throws while it is loaded: Error: not yet; /,
    );
    writeFileSync(colors, colorsText(BLUE));
    await session.hear(5);
    assert.equal(session.told().at(-1), LOADED);
    assert.equal(await session.do(lastPixel), '0 0 200\n');
    assert.equal((await session.finish()).code, 0);
  },
);

test('what never ends to load is given up when it is saved again', needs([]), async () => {
  const cwd = directoryWith(RED);
  const session = watching(cwd, [CAMERA]);
  await session.do(':');
  writeFileSync(join(cwd, 'colors.ts'), 'await new Promise(() => {});\n');
  assert.equal(await session.do(lastPixel), '200 0 0\n');
  writeFileSync(join(cwd, 'colors.ts'), colorsText(BLUE));
  await session.hear(1);
  assert.equal(await session.do(lastPixel), '0 0 200\n');
  assert.equal((await session.finish()).code, 0);
});

test('a file that is gone when it has been loaded is waited for', needs([]), async () => {
  const cwd = directoryWith(RED);
  const driver = join(cwd, 'my-camera.ts');
  const text = readFileSync(driver, 'utf8');
  const itself = `import { unlinkSync } from 'node:fs';\nunlinkSync(${JSON.stringify(driver)});\n`;
  writeFileSync(driver, `${itself}${text}`);
  const session = watching(cwd, [CAMERA]);
  assert.equal(await session.do('ls /dev/video0'), '/dev/video0\n');
  writeFileSync(driver, text);
  await session.hear(1);
  assert.deepEqual(session.told(), [LOADED]);
  assert.equal((await session.finish()).code, 0);
});
