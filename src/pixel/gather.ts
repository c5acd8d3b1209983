/** Groups of samples brought from one plane to another: repeated or left out, not mixed. */

/** Where each group of what is written comes from: which one of its line, and which line. */
export interface GatherMap {
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** A plane in memory. Lines have no padding. */
export interface GatherPlane {
  /** Where it begins, in bytes. */
  readonly at: number;
  /** Groups of a line, and lines. */
  readonly width: number;
  readonly height: number;
}

type Elements = Uint8Array | Uint16Array | Uint32Array;

/** Elements as large as a group; undefined where there are none of that size. */
function elementsOf(
  { buffer, byteOffset }: Uint8Array,
  { at, width, height }: GatherPlane,
  bytes: number,
): Elements | undefined {
  const start = byteOffset + at;
  const length = width * height;
  if (bytes === 1) return new Uint8Array(buffer, start, length);
  if (start % bytes !== 0) return undefined;
  if (bytes === 2) return new Uint16Array(buffer, start, length);
  return bytes === 4 ? new Uint32Array(buffer, start, length) : undefined;
}

function gatherLine(columns: Int32Array, from: Elements, row: number, to: Elements, line: number): void {
  for (let i = 0; i < columns.length; i++) to[line + i] = from[row + (columns[i] as number)] as number;
}

function gatherBytes(
  columns: Int32Array,
  bytes: number,
  from: Uint8Array,
  row: number,
  to: Uint8Array,
  line: number,
): void {
  for (let i = 0, at = line; i < columns.length; i++)
    for (let b = 0; b < bytes; b++) to[at++] = from[row + (columns[i] as number) * bytes + b] as number;
}

/**
 * Writes what `map` says of plane `source` of `from` to plane `target` of `to`, from group `left` of line `top` on; groups have
 * so many `bytes`. They are different memory.
 */
export function gatherPlane(
  { columns, rows }: GatherMap,
  bytes: number,
  from: Uint8Array,
  source: GatherPlane,
  to: Uint8Array,
  target: GatherPlane,
  left = 0,
  top = 0,
): void {
  const [read, written] = [elementsOf(from, source, bytes), elementsOf(to, target, bytes)];
  let last = -1;
  for (let line = 0; line < rows.length; line++) {
    const row = rows[line] as number;
    const first = (top + line) * target.width + left;
    const start = target.at + first * bytes;
    const above = start - target.width * bytes;
    if (row === last) to.copyWithin(start, above, above + columns.length * bytes);
    else if (read !== undefined && written !== undefined)
      gatherLine(columns, read, row * source.width, written, first);
    else gatherBytes(columns, bytes, from, source.at + row * source.width * bytes, to, start);
    last = row;
  }
}
