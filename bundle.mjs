/**
 * `npm run bundle`: puts each program that `usercam` starts, and the library, into one file. Node 20 takes a millisecond
 * for each file that is imported, and there are a hundred. koffi and sharp stay outside, they have native code; so
 * do jiti and valibot, which few need.
 */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = 'dist/src/bundle';

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: [
    'dist/src/index.js',
    ...['main', 'command-line', 'camera-help', 'camera-profile'].map((name) => `dist/src/cli/${name}.js`),
    'dist/src/session/kernel-worker.js',
    'dist/src/producers/producer-thread.js',
    'dist/src/session/host/daemon.js',
    ...['launch/launcher', 'wire/probe'].map((name) => `dist/src/syscalls/${name}.js`),
  ],
  entryNames: '[name]',
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // With the sources in them: what is published has no other.
  sourcemap: true,
  external: [
    'koffi',
    'jiti',
    'sharp',
    'valibot',
    './command-line.js',
    './camera-help.js',
    './camera-profile.js',
  ],
  // For commander, which is no ES module.
  banner: {
    js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
});
