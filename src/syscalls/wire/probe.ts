/**
 * A process that tries to install the filter and tells how it went: the reason on standard output if it cannot be
 * installed, otherwise the exit code. From the filter on nobody serves its calls, so it makes none but its end.
 */
import { writeSync } from 'node:fs';
import { exitNow } from '../../linux/libc.ts';
import { reservedRange } from './filter.ts';
import { installFilter, PROBE_EXIT } from './install.ts';

const installed = installFilter(reservedRange(1024));
if (typeof installed === 'string') writeSync(1, installed);
exitNow(typeof installed === 'string' || installed.killable ? PROBE_EXIT.killable : PROBE_EXIT.interruptible);
