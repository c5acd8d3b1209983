/**
 * A process that tries to install the filter and tells how it went: nothing on success, the reason otherwise. From
 * the filter on nobody serves its calls, so it ends without another one.
 */
import { writeSync } from 'node:fs';
import { exitNow } from '../linux/libc.ts';
import { installFilter } from './install.ts';

const installed = installFilter();
if (typeof installed === 'string') writeSync(1, installed);
exitNow(0);
