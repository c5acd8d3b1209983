/** Pixel formats are named by four characters: the first one in the lowest byte. */

/** The number of a format: `fourcc('YUYV')`. Exactly four characters, blanks included. */
export function fourcc(name: string): number {
  if (name.length !== 4) throw new RangeError(`'${name}' has not four characters`);
  return (
    (name.charCodeAt(0) |
      (name.charCodeAt(1) << 8) |
      (name.charCodeAt(2) << 16) |
      (name.charCodeAt(3) << 24)) >>>
    0
  );
}

const BIG_ENDIAN = 0x8000_0000;

/** The same for the big-endian twin of a format: its top bit is set. */
export function fourccBe(name: string): number {
  return (fourcc(name) | BIG_ENDIAN) >>> 0;
}

/** The characters of a format, `Y16 -BE` for a big-endian one, a dot for what cannot be printed. */
export function fourccToString(format: number): string {
  let name = '';
  for (let shift = 0; shift < 32; shift += 8) {
    const code = (format >>> shift) & 0x7f;
    name += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
  }
  return format >>> 31 === 1 ? `${name}-BE` : name;
}
