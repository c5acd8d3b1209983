/** A session without a command line, for programs that have one. */
import { keepStreamsBlocking } from '../../src/cli/own-streams.ts';
import { Session } from '../../src/session/session.ts';
import { startKernel } from '../../src/session/start-kernel.ts';

const programs = new URL('../../src/bundle/', import.meta.url);
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

/** Its cameras are numbered from 0. When its command has ended, so does this process, with the same exit code. */
export function beginSession(cameras: readonly string[]): Session {
  // The command has the same ones.
  keepStreamsBlocking();
  const session: Session = new Session(
    programs,
    startKernel(programs),
    {
      cameras,
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
  return session;
}

/** Starts the command, with the environment of this process. */
export function launchIn(session: Session, command: readonly string[]): void {
  const environment = Object.entries(process.env).map(([name, value]) => bytesOf(`${name}=${value}`));
  session.launch({ command: command.map(bytesOf), environment, ignored: [], blocked: [] });
}
