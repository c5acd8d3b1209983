/** The directory for the files of the devices. */
import { tmpdir } from 'node:os';
import { isOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../../base/too-few-descriptors.ts';
import { makeOwnDirectory } from '../../linux/own-directory.ts';

const CANDIDATES = [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp', '/dev/shm', '/var/tmp', '.'];

/** Makes an empty directory of ours in the first place that allows it, see {@link makeOwnDirectory}. */
export function makeShadowRoot(): string {
  for (const parent of CANDIDATES) {
    if (parent === undefined || parent === '') continue;
    try {
      return makeOwnDirectory(parent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (isOutOfDescriptors(code)) throw new Error(TOO_FEW_DESCRIPTORS);
    }
  }
  throw new Error('no directory can be written for the device files; set TMPDIR to one that can');
}
