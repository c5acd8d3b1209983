/** A test that runs by itself: has a session and programs in it, the client `plug` first, and says what it hears of them. */
import { execFileSync } from 'node:child_process';
import type { SessionProgram } from '../../src/index.ts';
import { startSession } from './library.ts';

const codeOf = (child: SessionProgram) =>
  new Promise<string>((resolve) => child.on('exit', (code) => resolve(`exit code ${code}`)));

const session = await startSession({ cameras: ['vivi'], replace: true });
const [camera] = session.cameras;
if (camera === undefined) throw new Error('it has no camera');
const [program = ''] = process.argv.slice(2);
const child = session.spawn(program, ['stay', camera.node], { stdio: 'ignore' });
const code = codeOf(child);
await camera.opened();
console.log('opened');
await camera.frames(3);
child.kill('SIGTERM');
console.log(await code);
await camera.closed();
console.log('closed');
const script = session.wrap('/bin/echo');
process.stdout.write(execFileSync(script, ['wrapped']));
const endless = codeOf(session.spawn(program, ['stay', camera.node], { stdio: 'ignore' }));
await camera.opened();
await session.end();
console.log('ended');
console.log(await endless);
