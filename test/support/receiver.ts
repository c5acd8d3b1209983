/** A program that streams from a camera and says what it is given: test/clients/receiver.c. */
import assert from 'node:assert/strict';
import type { CameraSession } from '../../src/index.ts';
import { client } from './door.ts';

export interface Frame {
  readonly sequence: number;
  readonly time: number;
  readonly bytes: number;
  readonly sum: string;
  readonly least: number;
  readonly greatest: number;
}

export class Receiver {
  readonly #lines: AsyncIterator<string>;
  readonly #kill: () => void;
  readonly #exit: Promise<number | null>;

  constructor(session: CameraSession, role: 'follow' | 'deaf') {
    const program = session.spawn(client('receiver'), [role], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#exit = new Promise((resolve) => program.on('exit', resolve));
    this.#lines = linesOf(program.stdout as AsyncIterable<unknown>);
    this.#kill = () => void program.kill('SIGTERM');
  }

  /** The next line that begins with `word`, and what is on it. */
  async next(word: string): Promise<readonly string[]> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      assert.ok(!done, `it ended before it said ${word}`);
      const [first, ...rest] = value.split(' ');
      if (first === word) return rest;
    }
  }

  async frame(): Promise<Frame> {
    const [sequence, time, bytes, sum = '', least, greatest] = await this.next('frame');
    const [n, t, b, l, g] = [sequence, time, bytes, least, greatest].map(Number) as [
      ...[number, number, number, number, number],
    ];
    return { sequence: n, time: t, bytes: b, sum, least: l, greatest: g };
  }

  /** The first frame that is so. */
  async frameThat(isSo: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = await this.frame();
      if (isSo(frame)) return frame;
    }
  }

  /** Ends it; it must have had no wrong answer. */
  async end(): Promise<void> {
    this.#kill();
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next());
    assert.equal(await this.#exit, 0);
  }
}

export async function* linesOf(output: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = '';
  for await (const data of output) {
    const lines = (rest + String(data)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
