/**
 * Reports of bugs in drivers, the kernel's WARN(). A driver's mistake never reaches the client: it is
 * named, counted and printed here, and the framework repairs what it can. Tests fail on any report that
 * they did not expect.
 */
export type BugListener = (report: string) => void;

let count = 0;
let listener: BugListener = () => {};

/** Says what the driver did, which it must not do, and (where it helps) what it should do instead. */
export function driverBug(report: string): void {
  count++;
  listener(report);
}

/** Reports of this process so far. */
export function driverBugCount(): number {
  return count;
}

/** Where reports go from now on; gives back the listener that had them before. */
export function onDriverBug(next: BugListener): BugListener {
  const before = listener;
  listener = next;
  return before;
}
