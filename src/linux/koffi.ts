/**
 * koffi, by the shortest way to its library. Its own way, which asks for a dozen files and reads two programs, takes 5 ms of each
 * thread that calls the C library, to load the library takes one. What it puts around the library is names that it used to have.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { saysOutOfDescriptors } from '../base/too-few-descriptors.ts';

type Koffi = typeof import('koffi').default;

const require = createRequire(import.meta.url);

/** Releases of this number are called in the same way. */
const VERSION = /^3\./;
/** In the list of what this process has mapped. There is a library for this C library, and one for musl. */
const GLIBC = /\/libc\.so\.6$/m;

/** Undefined where it is not where npm puts it, is another one, or the C library is another one: then koffi has to look itself. */
function library(): Koffi | undefined {
  const { platform, arch, versions } = process;
  if (versions.bun !== undefined) return undefined;
  try {
    if (!GLIBC.test(readFileSync('/proc/self/maps', 'latin1'))) return undefined;
    const loaded = { exports: {} as Koffi };
    process.dlopen(
      loaded,
      require.resolve(`@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`),
    );
    return VERSION.test(loaded.exports.version) ? loaded.exports : undefined;
  } catch (error) {
    // koffi would not say why.
    if (saysOutOfDescriptors(String(error))) throw error;
    return undefined;
  }
}

export const koffi: Koffi = library() ?? require('koffi');
