/**
 * What the processes and threads of usercam begin with, but for the first: its one argument is the program, which is run as V8 has compiled
 * it, if that can be had. Those that follow are the program's, which finds them where it would without this.
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { runProgram } from './compiled-program.ts';

const [program = ''] = process.argv.splice(2, 1);
const { script } = runProgram(program);
/** Asks, by any message, for what V8 has made of the program by then. */
const whoCompiles: MessagePort | undefined = workerData?.whoCompiles;
whoCompiles?.once('message', () => whoCompiles.postMessage(script?.createCachedData()));
