/** Which trapped call is served by what: everything that the filter lets through to us, in one table. */
import { ARCH, type CallName } from './arch.ts';
import type { Call, Handler } from './call.ts';
import type { Context } from './context.ts';
import * as descriptors from './descriptor-calls.ts';
import { SOCKET_CALLS } from './filter.ts';
import type { Operations } from './operations.ts';
import { attributeHandlers, type Handlers, nameHandlers, pathHandlers } from './path-table.ts';
import * as waits from './wait-calls.ts';

/** Calls that a driver serves. */
function operationHandlers(operations: Operations): Handlers {
  const read = (call: Call) => operations.begin(call, 'read', call.int(0), call.address(1), call.size(2));
  const write = (call: Call) => operations.begin(call, 'write', call.int(0), call.address(1), call.size(2));
  // A device has no positions: an offset does not matter.
  return {
    ioctl: (call) => operations.begin(call, 'ioctl', call.int(0), call.uint(1), call.address(2)),
    read,
    pread64: read,
    write,
    pwrite64: write,
    readv: (call) => operations.begin(call, 'readv', call.int(0), call.address(1), call.int(2)),
    writev: (call) => operations.begin(call, 'writev', call.int(0), call.address(1), call.int(2)),
  };
}

/** Calls about descriptors. */
function descriptorHandlers(c: Context): Handlers {
  return {
    mmap: (call) => descriptors.mmap(c, call),
    close: (call) => descriptors.close(c, call),
    close_range: (call) => descriptors.closeRange(c, call),
    dup: (call) => descriptors.dup(c, call),
    dup2: (call) => descriptors.dup2(c, call),
    dup3: (call) => descriptors.dup2(c, call),
    fcntl: (call) => descriptors.fcntl(c, call),
    epoll_ctl: (call) => waits.epollCtl(c, call),
    select: (call) => waits.select(c, call),
    pselect6: (call) => waits.select(c, call),
    getdents64: (call) => descriptors.getdents(c, call),
  };
}

/** The handlers by the numbers of their calls. */
export function callHandlers(c: Context, operations: Operations): readonly (Handler | undefined)[] {
  const sockets = Object.fromEntries(
    SOCKET_CALLS.map((name) => [name, (call: Call) => descriptors.socketCall(c, call)]),
  );
  const serves: Handlers = {
    ...pathHandlers(c),
    ...attributeHandlers(c),
    ...nameHandlers(c),
    ...descriptorHandlers(c),
    ...operationHandlers(operations),
    ...sockets,
  };
  const handlers: (Handler | undefined)[] = [];
  for (const [name, serve] of Object.entries(serves)) {
    const nr = ARCH.nr[name as CallName];
    if (nr === undefined) continue;
    const lost = name === 'ioctl' ? (call: Call, value: number) => operations.lost(call, value) : undefined;
    handlers[nr] = lost === undefined ? { serve } : { serve, lost };
  }
  return handlers;
}
