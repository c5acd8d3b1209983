/**
 * A session that does what it is told: plug-host COMMAND... starts COMMAND without a camera, or with that of `USERCAM_TEST_FIRST`, and does the lines that come on
 * its standard input: `add SPEC`, `remove NODE`, `change NODE`. It ends with the command.
 */
import { createInterface } from 'node:readline';
import { beginSession, launchIn } from './test-session.ts';

const first = process.env.USERCAM_TEST_FIRST;
const session = beginSession(first === undefined ? [] : [first]);
await session.ready;
launchIn(session, process.argv.slice(2));
for await (const line of createInterface(process.stdin)) {
  const [what, ...rest] = line.split(' ');
  if (what === 'add') await session.add(rest.join(' '));
  else if (what === 'remove') await session.remove(rest.join(' '));
  else if (what === 'change') await session.change(rest.join(' '));
}
