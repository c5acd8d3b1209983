import { RLIMIT_NOFILE } from '../../src/linux/constants.ts';
import { getrlimit, setrlimit } from '../../src/linux/libc.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';

const native = allocateNative(4096);

function setLimit(limit: bigint): void {
  native.view.setBigUint64(0, limit, true);
  if (setrlimit(RLIMIT_NOFILE, native.address) !== 0) throw new Error('the limit cannot be set');
}

/** Runs `body` while this process can have descriptors below `limit` only. */
export function withDescriptorLimit(limit: number, body: () => void): void {
  if (getrlimit(RLIMIT_NOFILE, native.address) !== 0) throw new Error('the limit cannot be read');
  const before = native.view.getBigUint64(0, true);
  setLimit(BigInt(limit));
  try {
    body();
  } finally {
    setLimit(before);
  }
}
