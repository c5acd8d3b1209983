/**
 * A part of a frame, made as large as the frame: groups of samples are repeated, not mixed, so it costs about as much as to copy
 * the frame twice.
 */
import {
  type FormatInfo,
  type FrameSize,
  lineBytes,
  type PlaneInfo,
  planeBytes,
  planeLines,
} from './format-info.ts';

/** What is shown of the frame. */
export interface ZoomView {
  /** Percent, from 100 on. */
  readonly zoom: number;
  /** From -1, the left or upper edge of the frame, to 1. */
  readonly x: number;
  readonly y: number;
}

export const wholeView: ZoomView = { zoom: 100, x: 0, y: 0 };

type Elements = Uint8Array | Uint16Array | Uint32Array;

interface PlacedPlane {
  readonly plane: PlaneInfo;
  /** The plane of memory, and where it begins there. */
  readonly memory: number;
  readonly at: number;
  /** For each group of a line, which one it is in the frame, and the same for lines. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** Which of `length` pieces is seen as piece `i`, if `zoom` percent of them are seen around `position`. */
export function pieceSeen(i: number, length: number, zoom: number, position: number): number {
  const part = 100 / zoom;
  const first = ((1 - part) / 2) * (1 + position) * length;
  return Math.min(length - 1, Math.max(0, Math.floor(first + (i + 0.5) * part)));
}

/** Where each of `to.length` pieces comes from, if `zoom` percent of them are seen around `position`. */
function mapPieces(to: Int32Array, zoom: number, position: number): void {
  for (let i = 0; i < to.length; i++) to[i] = pieceSeen(i, to.length, zoom, position);
}

/** Elements as large as a group; undefined where there are none of that size. */
function elementsOf(
  { buffer, byteOffset }: Uint8Array,
  at: number,
  bytes: number,
  length: number,
): Elements | undefined {
  const start = byteOffset + at;
  if (bytes === 1) return new Uint8Array(buffer, start, length);
  if (start % bytes !== 0) return undefined;
  if (bytes === 2) return new Uint16Array(buffer, start, length);
  return bytes === 4 ? new Uint32Array(buffer, start, length) : undefined;
}

export class FrameZoom {
  readonly #planes: readonly PlacedPlane[];
  #view = wholeView;

  constructor(info: FormatInfo, size: FrameSize) {
    this.#planes = info.memory.flatMap((planes, memory) => {
      let end = 0;
      return planes.map((plane) => {
        const at = end;
        end += planeBytes(plane, size);
        const columns = new Int32Array(lineBytes(plane, size.width) / plane.bytes);
        const rows = new Int32Array(planeLines(plane, size.height));
        return { plane, memory, at, columns, rows };
      });
    });
    this.#map();
  }

  set view(view: ZoomView) {
    const { zoom, x, y } = this.#view;
    if (view.zoom === zoom && view.x === x && view.y === y) return;
    this.#view = { zoom: view.zoom, x: view.x, y: view.y };
    this.#map();
  }

  /** Writes plane `memory` of the frame that `from` is to `to`, enlarged. They are different memory. */
  enlarge(memory: number, from: Uint8Array, to: Uint8Array): void {
    for (const placed of this.#planes) if (placed.memory === memory) enlargePlane(placed, from, to);
  }

  #map(): void {
    const { zoom, x, y } = this.#view;
    for (const { columns, rows } of this.#planes) {
      mapPieces(columns, zoom, x);
      mapPieces(rows, zoom, y);
    }
  }
}

function enlargePlane({ plane, at, columns, rows }: PlacedPlane, from: Uint8Array, to: Uint8Array): void {
  const width = columns.length;
  const stride = width * plane.bytes;
  const source = elementsOf(from, at, plane.bytes, width * rows.length);
  const target = elementsOf(to, at, plane.bytes, width * rows.length);
  let last = -1;
  for (let line = 0; line < rows.length; line++) {
    const row = rows[line] as number;
    const start = at + line * stride;
    if (row === last) to.copyWithin(start, start - stride, start);
    else if (source !== undefined && target !== undefined)
      gather(columns, source, row * width, target, line * width);
    else gatherBytes(columns, plane.bytes, from, at + row * stride, to, start);
    last = row;
  }
}

function gather(columns: Int32Array, from: Elements, row: number, to: Elements, line: number): void {
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
