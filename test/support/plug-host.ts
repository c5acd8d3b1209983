/**
 * A session that does what it is told: plug-host COMMAND... starts COMMAND without a camera, and does the lines that come on
 * its standard input: `add SPEC`, `remove NODE`, `change NODE`. It ends with the command.
 */
import { createInterface } from 'node:readline';
import { Session } from '../../src/session/session.ts';
import { startKernel } from '../../src/session/start-kernel.ts';

const programs = new URL('../../src/bundle/', import.meta.url);
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

const command = process.argv.slice(2);
const session = new Session(
  programs,
  startKernel(programs),
  {
    cameras: [],
    replace: true,
    verbose: false,
    watch: false,
    trace: [],
    descriptorLimit: null,
    inherited: [],
  },
  {
    report: (text) => console.error(text),
    trace: () => {},
    command: (message) => {
      if (message.kind === 'started' || message.kind === 'stopped') return;
      if (message.kind !== 'exited') console.error(JSON.stringify(message));
      session.end().then(() => process.exit(message.kind === 'exited' ? message.code : 1));
    },
    lost: (what, error) => console.error(what, error),
  },
);

await session.ready;
const environment = Object.entries(process.env).map(([name, value]) => bytesOf(`${name}=${value}`));
session.launch({ command: command.map(bytesOf), environment, ignored: [], blocked: [] });
for await (const line of createInterface(process.stdin)) {
  const [what, ...rest] = line.split(' ');
  if (what === 'add') await session.add(rest.join(' '));
  else if (what === 'remove') await session.remove(rest.join(' '));
  else if (what === 'change') await session.change(rest.join(' '));
}
