import { type NetConnectOpts, Socket } from 'node:net';

/** What is connected as `fd`, which is its own from then on. */
export function socketOf(fd: number): Socket {
  if (process.versions.bun === undefined) return new Socket({ fd, readable: true, writable: true });
  // Bun takes no notice of it before it is told to connect; Node has no such call.
  const connection: { fd: number } & Partial<NetConnectOpts> = { fd };
  return new Socket().connect(connection as NetConnectOpts);
}
