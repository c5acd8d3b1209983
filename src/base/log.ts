/** The log of the emulated kernel, for lines that somebody asked for or may want to see: its `pr_info()`. */

export type LogListener = (line: string) => void;

let listener: LogListener = () => {};
let warnings: LogListener = () => {};

/** One line, without an end of line; it begins with who says it. @kernel pr_info */
export function prInfo(line: string): void {
  listener(line);
}

/** Where lines go from now on; gives back the listener that had them before. Nobody hears them at first. */
export function onLog(next: LogListener): LogListener {
  const before = listener;
  listener = next;
  return before;
}

/** One line for whoever started us, about something that should not be so and is no bug of a driver. @kernel pr_warn */
export function prWarn(line: string): void {
  warnings(line);
}

/** Where warnings go from now on; gives back the listener that had them before. Nobody hears them at first. */
export function onWarning(next: LogListener): LogListener {
  const before = warnings;
  warnings = next;
  return before;
}
