/** The calls that only sockets know. What they look at before they ask whether there is one is looked at here too. */
import { EINVAL, ENOTSOCK, Errno } from '../../base/errno.ts';
import type { CallName } from '../../linux/arch.ts';
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../linux/constants.ts';
import type { Answer, Call } from '../wire/call.ts';
import { type Context, fileOf, notOpen } from './context.ts';

/** The longest address that there is. */
const ADDRESS_SIZE = 128;
/** Of programs of 32 bits, which the kernel sets itself. */
const MSG_CMSG_COMPAT = 0x8000_0000;

/** Where the flags of a call are, and which it does not take. */
const REFUSED: { readonly [name in CallName]?: readonly [argument: number, flags: number] } = {
  accept4: [3, ~(SOCK_CLOEXEC | SOCK_NONBLOCK)],
  sendmsg: [2, MSG_CMSG_COMPAT],
  recvmsg: [2, MSG_CMSG_COMPAT],
  sendmmsg: [3, MSG_CMSG_COMPAT],
  recvmmsg: [3, MSG_CMSG_COMPAT],
};

/** connect() has read its address by then. */
function readAddress({ memory }: Context, call: Call): void {
  const length = call.int(2);
  if (length < 0 || length > ADDRESS_SIZE) throw new Errno(EINVAL);
  memory.attach(call);
  if (length > 0) memory.read(call.address(1), new Uint8Array(length));
}

export function socketCall(context: Context, name: CallName, call: Call): Answer {
  const fd = call.int(0);
  if (fileOf(context, call, fd) === undefined) return notOpen(context, call, fd);
  const refused = REFUSED[name];
  if (refused !== undefined && call.uint(refused[0]) & refused[1]) throw new Errno(EINVAL);
  if (name === 'connect') readAddress(context, call);
  throw new Errno(ENOTSOCK);
}
