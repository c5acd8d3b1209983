/** Where two texts differ, line by line. */

/** A line of the kernel's, what stands in its place here, or only one of the two. */
export interface Difference {
  readonly kernel?: string;
  readonly ours?: string;
}

/** Lines that are in both, in their order: for each line of `a` which one of `b` it is, or -1. */
function common(a: readonly string[], b: readonly string[]): readonly number[] {
  const width = b.length + 1;
  // How many lines are common to what begins at i and at j.
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const partner = new Array<number>(a.length).fill(-1);
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) partner[i++] = j++;
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return partner;
}

/** Lines that face each other in a place that differs are told as one difference. */
function pair(kernel: readonly string[], ours: readonly string[]): Difference[] {
  return Array.from({ length: Math.max(kernel.length, ours.length) }, (_, i) => ({
    ...(kernel[i] !== undefined && { kernel: kernel[i] }),
    ...(ours[i] !== undefined && { ours: ours[i] }),
  }));
}

export function compareLines(kernel: readonly string[], ours: readonly string[]): Difference[] {
  const partner = common(kernel, ours);
  const differences: Difference[] = [];
  let [from, j] = [0, 0];
  for (let i = 0; i <= kernel.length; i++) {
    const place = i === kernel.length ? ours.length : (partner[i] as number);
    if (place < 0) continue;
    differences.push(...pair(kernel.slice(from, i), ours.slice(j, place)));
    [from, j] = [i + 1, place + 1];
  }
  return differences;
}
