/** Starts a session in the background. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { saysOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../../base/too-few-descriptors.ts';
import { lineReader } from '../../syscalls/index.ts';
import { argumentsFor } from '../compiled-program.ts';
import { SessionError } from '../kernel.ts';
import { isForNode } from '../node-options.ts';
import { type HostNews, type HostOrder, OWNER } from './host-protocol.ts';

export interface StartedHost {
  readonly nodes: readonly string[];
  /** While it is open a session that is owned goes on. */
  readonly owner: Socket;
  readonly child: ChildProcess;
}

/** `programs` as in `startKernel`. Settles when it can be asked; rejects with a SessionError if it cannot be. */
export function startHost(
  programs: URL,
  order: HostOrder,
  report: (text: string) => void,
): Promise<StartedHost> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForNode(name)));
  const child = spawn(process.execPath, argumentsFor(programs, './daemon.js'), {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env,
  });
  const owner = child.stdio[OWNER] as Socket;
  let complaint = '';
  child.stderr?.on('data', (data) => {
    complaint += String(data);
  });
  return new Promise((resolve, reject) => {
    owner.setEncoding('utf8');
    owner.on('error', () => {});
    owner.on(
      'data',
      lineReader((news: HostNews) => {
        if (news.kind === 'ready') resolve({ nodes: news.nodes, owner, child });
        else if (news.kind === 'refused') reject(new SessionError(news.text));
        else report(news.text);
      }),
    );
    child.on('error', (error) => reject(new SessionError(error.message)));
    child.on('exit', (code, signal) => {
      const why = complaint.trim().split('\n')[0] || String(signal ?? code);
      const text = `the session ended before it began: ${why}`;
      reject(new SessionError(saysOutOfDescriptors(why) ? TOO_FEW_DESCRIPTORS : text));
    });
    owner.write(`${JSON.stringify(order)}\n`);
  });
}
