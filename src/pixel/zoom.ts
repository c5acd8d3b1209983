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
import { type GatherMap, type GatherPlane, gatherPlane } from './gather.ts';

/** What is shown of the frame. */
export interface ZoomView {
  /** Percent, from 100 on. */
  readonly zoom: number;
  /** From -1, the left or upper edge of the frame, to 1. */
  readonly x: number;
  readonly y: number;
}

export const wholeView: ZoomView = { zoom: 100, x: 0, y: 0 };

interface PlacedPlane extends GatherMap, GatherPlane {
  readonly plane: PlaneInfo;
  /** The plane of memory. */
  readonly memory: number;
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
        return { plane, memory, at, width: columns.length, height: rows.length, columns, rows };
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
    for (const placed of this.#planes)
      if (placed.memory === memory) gatherPlane(placed, placed.plane.bytes, from, placed, to, placed);
  }

  #map(): void {
    const { zoom, x, y } = this.#view;
    for (const { columns, rows } of this.#planes) {
      mapPieces(columns, zoom, x);
      mapPieces(rows, zoom, y);
    }
  }
}
