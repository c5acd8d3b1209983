/** Two lists of lines, compared as diff does: by their longest common part. */

export interface Comparison {
  /** Lines that were recorded. */
  readonly total: number;
  readonly equal: number;
  /** `- ` recorded and not here, `+ ` here and not recorded, in their order. */
  readonly differences: readonly string[];
}

export function compare(truth: readonly string[], here: readonly string[]): Comparison {
  const rows = truth.length + 1;
  const columns = here.length + 1;
  /** The longest common part of what follows. */
  const common = new Uint32Array(rows * columns);
  for (let i = truth.length - 1; i >= 0; i--)
    for (let j = here.length - 1; j >= 0; j--)
      common[i * columns + j] =
        truth[i] === here[j]
          ? (common[(i + 1) * columns + j + 1] as number) + 1
          : Math.max(common[(i + 1) * columns + j] as number, common[i * columns + j + 1] as number);
  const differences: string[] = [];
  let [i, j] = [0, 0];
  while (i < truth.length || j < here.length) {
    if (i < truth.length && j < here.length && truth[i] === here[j]) {
      i++;
      j++;
    } else if (
      j >= here.length ||
      (i < truth.length &&
        (common[(i + 1) * columns + j] as number) >= (common[i * columns + j + 1] as number))
    )
      differences.push(`- ${truth[i++]}`);
    else differences.push(`+ ${here[j++]}`);
  }
  return { total: truth.length, equal: common[0] as number, differences };
}
