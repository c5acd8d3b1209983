import type { Fields, Layout, ViewOf } from '../../abi/index.ts';

const WORD = 8;

/**
 * A value of a control: what it is now, what it is to become, or its default. Which of the properties counts follows from
 * the type of the control; structs are looked at with {@link as}.
 *
 * @kernel v4l2_ctrl_ptr
 */
export class CtrlPayload {
  /** At least as long as the value, and aligned for every type. Another one after a dynamic array has grown. */
  bytes: Uint8Array;
  /** The same, for numbers at any place. */
  view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(Math.max(WORD, Math.ceil(size / WORD) * WORD));
    this.view = new DataView(this.bytes.buffer);
  }

  /** The value of a control with 32 bits: integer, boolean, menu, bitmask. */
  get val(): number {
    return this.view.getInt32(0, true);
  }

  set val(value: number) {
    this.view.setInt32(0, value, true);
  }

  /** The value of an INTEGER64. */
  get val64(): bigint {
    return this.view.getBigInt64(0, true);
  }

  set val64(value: bigint) {
    this.view.setBigInt64(0, value, true);
  }

  /** The value of a STRING, Latin-1 up to its NUL. */
  get string(): string {
    return this.stringAt(0);
  }

  /** The text that begins at byte `at`. */
  stringAt(at: number): string {
    let text = '';
    for (let i = at; i < this.bytes.length && this.bytes[i] !== 0; i++)
      text += String.fromCharCode(this.bytes[i] as number);
    return text;
  }

  /** Sets the text that begins at byte `at`, and has `room` bytes with its NUL. @kernel strscpy */
  setStringAt(at: number, text: string, room: number): void {
    for (let i = 0; i < room; i++)
      this.bytes[at + i] = i < room - 1 && i < text.length ? text.charCodeAt(i) : 0;
  }

  // Windows on the elements of an array, each time a new one: an op takes one and walks over it.

  get u8(): Uint8Array {
    return this.bytes;
  }

  get u16(): Uint16Array {
    return new Uint16Array(this.bytes.buffer);
  }

  get u32(): Uint32Array {
    return new Uint32Array(this.bytes.buffer);
  }

  get s32(): Int32Array {
    return new Int32Array(this.bytes.buffer);
  }

  get s64(): BigInt64Array {
    return new BigInt64Array(this.bytes.buffer);
  }

  /** Element `index` as a struct, in place: AREA as `v4l2_area`, RECT as `v4l2_rect`. */
  as<F extends Fields>(layout: Layout<F>, index = 0): ViewOf<F> {
    return layout.at(this.bytes, index * layout.size);
  }

  /** Takes over the value of another payload of the same control. @kernel ptr_to_ptr */
  copyFrom(other: CtrlPayload): void {
    this.bytes.set(other.bytes);
  }

  /** Makes room for a value of `size` bytes; what is there stays. */
  grow(size: number): void {
    if (size <= this.bytes.length) return;
    const larger = new CtrlPayload(size);
    larger.bytes.set(this.bytes);
    this.bytes = larger.bytes;
    this.view = larger.view;
  }
}
