/**
 * `npm run bundle`: puts each program that `usercam` starts, and the library, into one file. Node 20 takes a millisecond
 * for each file that is imported, and there are a hundred. koffi and sharp stay outside, they have native code; so
 * do jiti and valibot, which few need.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const outdir = 'dist/src/bundle';

/** The package as an object with all of its names, which is made when it is asked for and not when a program starts. */
const ownPackage = {
  name: 'own-package',
  setup({ onLoad }) {
    onLoad({ filter: /\/session\/own-package\.js$/ }, async () => {
      const names = Object.keys(await import('./dist/src/index.js')).join(', ');
      const contents = `import { ${names} } from '../index.js';
let made;
export const ownPackage = () => (made ??= Object.freeze({ ${names} }));`;
      return { contents };
    });
  },
};

/** What the library loads when a session is started. A runtime that is refused must be able to read it, to say so. */
const libraryOnly = {
  name: 'library-only',
  setup({ onResolve }) {
    onResolve({ filter: /\/camera-session\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './camera-session.mjs', external: true } : undefined,
    );
  },
};

const common = {
  entryNames: '[name]',
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // With the sources in them: what is published has no other.
  sourcemap: true,
  // Each session reads all of it. Names stay, for stacks; to simplify the code takes 3 MB more for each session.
  minifyWhitespace: true,
  lineLimit: 120,
  external: ['jiti', 'sharp', 'valibot', './camera-help.js', './camera-profile.js', './camera-session.js'],
  plugins: [ownPackage],
  logLevel: 'warning',
};

rmSync(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: ['dist/src/index.js', 'dist/src/session/host/camera-session.js'],
  plugins: [libraryOnly, ...common.plugins],
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: {
    js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);",
  },
});
/** Programs are no ES modules: Node begins 5 ms sooner with them, in each of its threads. */
const program = {
  ...common,
  format: 'cjs',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'urlOfBundle' },
  banner: { js: "const urlOfBundle = require('node:url').pathToFileURL(__filename).href;" },
};
await build({
  ...program,
  entryPoints: [
    ...['main', 'command-line', 'camera-help', 'camera-profile'].map((name) => `dist/src/cli/${name}.js`),
    'dist/src/session/kernel-worker.js',
    'dist/src/producers/producer-thread.js',
    ...['daemon', 'camera-session'].map((name) => `dist/src/session/host/${name}.js`),
    ...['launch/launcher', 'wire/probe'].map((name) => `dist/src/syscalls/${name}.js`),
  ],
});
/** That it is none is told by its name: where Node has no descriptor left to read that elsewhere it would be one. */
await build({
  ...program,
  entryPoints: ['dist/src/session/begin.js'],
  outExtension: { '.js': '.cjs' },
});
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');

/**
 * One letter outside of Latin-1, and V8 keeps a program at two bytes a letter, which is as much again for each session. In
 * code they are escaped, but not in regular expressions.
 */
for (const name of readdirSync(outdir).filter((file) => /\.[cm]?js$/.test(file)))
  if (/[^\0-\xff]/.test(readFileSync(join(outdir, name), 'utf8')))
    throw new Error(`${name} has a letter outside of Latin-1; escape it`);

/** Who takes the namespace of all constants apart has an object with all of them made: 5 MB for each session. */
if (/\babi_exports\b/.test(readFileSync(join(outdir, 'kernel-worker.js'), 'utf8')))
  throw new Error('the kernel has all of abi/ as an object; import by name, or use abi.NAME');
