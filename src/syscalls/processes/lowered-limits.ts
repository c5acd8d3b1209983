/**
 * Hard limits of descriptors that programs have set below the numbers that we give. A descriptor above the limit is as good as any in
 * the kernel; but memory and faces can be put under such a number only after the limit was raised for the moment
 * (`wire/descriptor-limit.ts`), and who is not root never raises a hard one again. So a hard limit stays above our numbers, and by its
 * value, which nobody else has, we know which one the program has set: children and programs that are executed inherit both.
 */
export class LoweredLimits {
  readonly #floor: number;
  /** The limit that was set, by the one that the kernel has. */
  readonly #told = new Map<number, number>();

  /** Our numbers are below `floor`. */
  constructor(floor: number) {
    this.#floor = floor;
  }

  /** What has been set where the kernel has the hard limit `real`. */
  told(real: number): number {
    return this.#told.get(real) ?? real;
  }

  /** True if `hard` cannot be the kernel's: too low, or it stands for another one. */
  isToBeKept(hard: number): boolean {
    return hard < this.#floor || this.#told.has(hard);
  }

  /**
   * The limit that the kernel is to have where `wanted` is set and it has `real`, which may not become more; undefined if there
   * is no room: then the one that is wanted has to be.
   */
  standFor(wanted: number, real: number): number | undefined {
    // As it is, others may have it who have not set any.
    const first = Math.min(this.#told.has(real) ? real : real - 1, Number.MAX_SAFE_INTEGER);
    for (let hard = first; hard >= this.#floor; hard--) {
      const told = this.#told.get(hard);
      if (told !== undefined && told !== wanted) continue;
      this.#told.set(hard, wanted);
      return hard;
    }
    return undefined;
  }
}
