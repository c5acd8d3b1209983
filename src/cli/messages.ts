/** What usercam itself says goes to standard error, in one write; the other streams belong to the command. */
import { writeSync } from 'node:fs';

export function say(text: string): void {
  try {
    writeSync(2, `usercam: ${text}\n`);
  } catch {
    // Nobody listens any more.
  }
}
