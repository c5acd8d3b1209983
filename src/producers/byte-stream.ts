/** Bytes that come in pieces, taken in the amounts that somebody wants. */
export class ByteStream {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Fills `target`. Gives how many bytes there were: fewer only at the end. */
  async into(target: Uint8Array): Promise<number> {
    let at = 0;
    while (at < target.length && (await this.#more())) {
      const part = this.#piece.subarray(0, target.length - at);
      target.set(part, at);
      at += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    return at;
  }

  /** The next line without its end; undefined at the end. */
  async line(): Promise<string | undefined> {
    let text = '';
    while (await this.#more()) {
      const end = this.#piece.indexOf(0x0a);
      const part = end < 0 ? this.#piece : this.#piece.subarray(0, end);
      text += String.fromCharCode(...part);
      this.#piece = this.#piece.subarray(end < 0 ? part.length : end + 1);
      if (end >= 0) return text.replace(/\r$/, '');
    }
    return text === '' ? undefined : text;
  }

  async #more(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
    }
    return true;
  }
}
