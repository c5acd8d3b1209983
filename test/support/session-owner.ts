/** A test that is going to die: starts a session and a program in it, says their processes, and waits for its own end. */
import { startSession } from './library.ts';

const session = await startSession({ cameras: ['vivi', 'vivi'] });
const child = session.spawn('sh', ['-c', 'sleep 1000 & exec 5</dev/video0; echo $$; wait'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
child.stdout?.on('data', (data) => {
  console.log(`${session.name} ${String(data).trim()}`);
});
setInterval(() => {}, 1000);
