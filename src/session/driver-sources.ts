/**
 * The loader of drivers out of files: jiti (decision 19), which makes of each file what Node can run, and runs it. What it
 * makes takes a while, in which no call would be answered: when a file has been saved the main thread does it
 * ({@link prepareFile}), and the emulated kernel, which has to run it, finds it done.
 */
import { readFileSync } from 'node:fs';
import type { TransformOptions } from 'jiti';
import { withoutMark } from '../base/byte-order-mark.ts';
import { jsonFault } from './json-fault.ts';
import { LOADER, loader } from './module-loader.ts';
import type { SavedFile } from './protocol.ts';

const TYPESCRIPT = /\.[cm]?tsx?$/;

/** What the loader makes of the file `path`, which somebody has just saved; undefined if it is not there any more. */
export async function prepareFile(path: string): Promise<SavedFile | undefined> {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  if (path.endsWith('.json')) {
    const text = withoutMark(source);
    return { path, source: text, code: '', fault: await jsonFault(path, text) };
  }
  const { createJiti } = await loader();
  const options = { filename: path, source, ts: TYPESCRIPT.test(path), async: true, jsx: false };
  return { path, source, code: createJiti(path, LOADER).transform(options) };
}

export class DriverSources {
  /** What was made of the files last, by their paths. */
  readonly #made = new Map<string, SavedFile>();

  /** What {@link prepareFile} gave. */
  prepared(file: SavedFile): void {
    this.#made.set(file.path, file);
  }

  /** What {@link prepareFile} has found wrong with this text of a file, if it has seen it. */
  faultOf(path: string, text: string): string | undefined {
    const made = this.#made.get(path);
    return made?.source === text ? made.fault : undefined;
  }

  /**
   * Runs the module `path`; gives what it exports. `modules` are there for it by these names; `read` is told of each file
   * that is loaded for it, also if it cannot be.
   */
  async evaluate(
    path: string,
    modules: Readonly<Record<string, unknown>>,
    read: (path: string) => void,
  ): Promise<{ readonly default?: unknown }> {
    const { createJiti } = await loader();
    const plain = createJiti(path, LOADER);
    const transform = (options: TransformOptions) => {
      read(options.filename ?? path);
      return { code: this.#make(options, plain.transform) };
    };
    const jiti = createJiti(path, { ...LOADER, virtualModules: { ...modules }, transform });
    // Not import(): Node would load JavaScript itself, with another copy of the package, and once only.
    return jiti.evalModule(readFileSync(path, 'utf8'), {
      filename: path,
      async: true,
      forceTranspile: true,
    }) as Promise<{ readonly default?: unknown }>;
  }

  #make(options: TransformOptions, transform: (options: TransformOptions) => string): string {
    const { filename: path = '', source, async } = options;
    // One that is required, and not imported, is another program.
    if (!async) return transform(options);
    const made = this.#made.get(path);
    if (made?.source === source) return made.code;
    const code = transform(options);
    this.#made.set(path, { path, source, code });
    return code;
  }
}
