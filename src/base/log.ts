/** The log of the emulated kernel, for lines that somebody asked for or may want to see: its `pr_info()`. */

export type LogListener = (line: string) => void;

let listener: LogListener = () => {};

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
