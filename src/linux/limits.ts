import { getrlimit, setrlimit } from './libc.ts';
import { allocateNative } from './native-memory.ts';

const RLIM_CUR = 0;
const RLIM_MAX = 8;
const native = allocateNative(16);

/** How high this process may set its limit of `resource`. */
export function hardLimit(resource: number): number {
  if (getrlimit(resource, native.address) < 0) return Number.POSITIVE_INFINITY;
  return Number(native.view.getBigUint64(RLIM_MAX, true));
}

/** Sets the soft limit of `resource` for this process to `soft`, if it may be so high; as high as it may be if left out. */
export function setSoftLimit(resource: number, soft?: number): void {
  if (getrlimit(resource, native.address) < 0) return;
  const hard = native.view.getBigUint64(RLIM_MAX, true);
  const wanted = soft === undefined ? hard : BigInt(soft);
  if (wanted > hard) return;
  native.view.setBigUint64(RLIM_CUR, wanted, true);
  setrlimit(resource, native.address);
}
