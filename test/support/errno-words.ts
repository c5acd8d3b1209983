/** The golden file of test/transcripts/errno.test.ts and the words of its questions. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as abi from '../../src/abi/index.ts';

/** No address of a program in this process. */
const UNMAPPED = 0xdead0000;

const golden = new URL('../../../test/transcripts/errno.golden.txt', import.meta.url);

/** The lines of a section of the golden file, `question: answer`; an empty line closes all files. */
export function goldenSection(name: string): readonly string[] {
  const lines = readFileSync(golden, 'utf8').split('\n');
  const start = lines.indexOf(`[${name}]`);
  assert.notEqual(start, -1, `the golden file has a section ${name}`);
  const end = lines.findIndex((line, n) => n > start && line.startsWith('['));
  return lines.slice(start + 1, end === -1 ? undefined : end).filter((line) => !line.startsWith('#'));
}

export function questionsOf(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/: .*/, ''));
}

const WORDS: Readonly<Record<string, number>> = {
  mmap: abi.V4L2_MEMORY_MMAP,
  userptr: abi.V4L2_MEMORY_USERPTR,
  overlay: abi.V4L2_MEMORY_OVERLAY,
  dmabuf: abi.V4L2_MEMORY_DMABUF,
  capture: abi.V4L2_BUF_TYPE_VIDEO_CAPTURE,
  output: abi.V4L2_BUF_TYPE_VIDEO_OUTPUT,
  capture_mplane: abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  request: abi.V4L2_BUF_FLAG_REQUEST_FD,
  alternate: abi.V4L2_FIELD_ALTERNATE,
  cloexec: 0o2000000,
  rdwr: 2,
  append: 0o2000,
  no: 0,
  r: 1,
  w: 2,
  rw: 3,
  shared: 1,
  private: 2,
  record: abi.V4L2_PRIORITY_RECORD,
};

/** `what key=value ...`, without the file or thread before it. */
export class Question {
  readonly what: string;
  readonly #values: ReadonlyMap<string, string>;

  constructor(words: readonly string[]) {
    const [what = '', ...rest] = words;
    this.what = what;
    this.#values = new Map(rest.map((word) => word.split('=', 2) as [string, string]));
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  text(key: string): string | undefined {
    return this.#values.get(key);
  }

  number(key: string, otherwise: number): number {
    const text = this.#values.get(key);
    return text === undefined ? otherwise : (WORDS[text] ?? Number(text));
  }

  /** A number of bytes: `frame`, which is the size of the plane, `frame+1`, or just a number. */
  size(key: string, frame: number, otherwise: number): number {
    const text = this.#values.get(key);
    if (text?.startsWith('frame')) return frame + Number(text.slice('frame'.length));
    return this.number(key, otherwise);
  }

  address(key: string, otherwise: number): number {
    const text = this.#values.get(key);
    if (text === undefined) return otherwise;
    if (text === 'null') return 0;
    return text === 'low' ? 8 : UNMAPPED;
  }
}
