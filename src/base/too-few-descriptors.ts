/** How it is told, and what is said, where no more descriptors may be opened. */
import { EMFILE, ENFILE } from './errno.ts';

export const TOO_FEW_DESCRIPTORS = 'too few descriptors are allowed; raise ulimit -n';

/** True if this errno says so, or this name of one. */
export const isOutOfDescriptors = (code: number | string | undefined): boolean =>
  code === EMFILE || code === ENFILE || code === 'EMFILE' || code === 'ENFILE';

/** True if a text says so: of what is loaded, by Node or by the dynamic loader, there may be no more than that. */
export const saysOutOfDescriptors = (text: string): boolean =>
  /EMFILE|ENFILE|too many open files/i.test(text);
