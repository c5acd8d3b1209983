/** A part of one frame, brought to a part of another one of the same format, larger or smaller. */
import {
  type FormatInfo,
  type FrameSize,
  lineBytes,
  type PlaneInfo,
  planeBytes,
  planeLines,
} from './format-info.ts';
import { type GatherMap, type GatherPlane, gatherPlane } from './gather.ts';

export interface FrameRect extends FrameSize {
  readonly left: number;
  readonly top: number;
}

/** A plane of both frames. */
interface Pair {
  readonly plane: PlaneInfo;
  readonly memory: number;
  readonly from: GatherPlane;
  readonly to: GatherPlane;
}

/** What is moved there: which groups, and from where on they lie. */
interface Move extends GatherMap {
  readonly pair: Pair;
  readonly left: number;
  readonly top: number;
}

/** The planes of a frame, one after the other in each plane of memory. */
function placesOf(info: FormatInfo, size: FrameSize): GatherPlane[] {
  return info.memory.flatMap((planes) => {
    let end = 0;
    return planes.map((plane) => {
      const at = end;
      end += planeBytes(plane, size);
      return {
        at,
        width: lineBytes(plane, size.width) / plane.bytes,
        height: planeLines(plane, size.height),
      };
    });
  });
}

/** `length` pieces out of those from `first` to before `end`, each as near as possible. */
function spread(first: number, end: number, length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => first + Math.floor(((i + 0.5) * (end - first)) / length));
}

/** The groups of `per` samples that `length` of them from `first` on are in. */
function groupsOf(first: number, length: number, per: number): readonly [first: number, end: number] {
  return [Math.floor(first / per), Math.ceil((first + length) / per)];
}

function moveOf(pair: Pair, crop: FrameRect, compose: FrameRect): Move {
  const { pixels, rows } = pair.plane;
  const [fromLeft, fromRight] = groupsOf(crop.left, crop.width, pixels);
  const [fromTop, fromBottom] = groupsOf(crop.top, crop.height, rows);
  const [left, right] = groupsOf(compose.left, compose.width, pixels);
  const [top, bottom] = groupsOf(compose.top, compose.height, rows);
  const columns = spread(fromLeft, fromRight, right - left);
  return { pair, left, top, columns, rows: spread(fromTop, fromBottom, bottom - top) };
}

export class FrameScaler {
  readonly #pairs: readonly Pair[];
  #moves: readonly Move[] = [];

  constructor(info: FormatInfo, from: FrameSize, to: FrameSize) {
    const [read, written] = [placesOf(info, from), placesOf(info, to)];
    const planes = info.memory.flatMap((planes, memory) => planes.map((plane) => ({ plane, memory })));
    this.#pairs = planes.map(({ plane, memory }, n) => ({
      plane,
      memory,
      from: read[n] as GatherPlane,
      to: written[n] as GatherPlane,
    }));
  }

  /** From now on `crop` of the one becomes `compose` of the other; they begin and end with groups of samples, or at an edge. */
  select(crop: FrameRect, compose: FrameRect): void {
    this.#moves = this.#pairs.map((pair) => moveOf(pair, crop, compose));
  }

  /** Writes what has been chosen in plane `memory` of `from` to that of `to`, and nothing beside it. They are different memory. */
  scale(memory: number, from: Uint8Array, to: Uint8Array): void {
    for (const move of this.#moves) {
      const { pair, left, top } = move;
      if (pair.memory === memory)
        gatherPlane(move, pair.plane.bytes, from, pair.from, to, pair.to, left, top);
    }
  }
}
