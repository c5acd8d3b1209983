/**
 * Unplugs the camera whose programs sleep: unplug-host CAMERA FIFO COMMAND... The command says in the FIFO when all of it is
 * asleep, and when it has closed all. Says in a line of JSON under which names cameras come afterwards.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { beginSession, launchIn } from './test-session.ts';

const [camera = '', fifo = '', ...command] = process.argv.slice(2);
const session = beginSession([camera]);
const [node = ''] = await session.ready;
launchIn(session, command);
const words = createInterface({ input: createReadStream(fifo) })[Symbol.asyncIterator]();
await words.next();
await session.remove(node);
const whileOpen = await session.add('vivi');
await words.next();
while ((await session.openFiles()) > 0);
const afterwards = await session.add('vivi');
console.log(JSON.stringify({ role: 'host', node, whileOpen, afterwards }));
