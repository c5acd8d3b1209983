/** What udev's database holds of a device. */
import type { CharDevice } from '../../vfs/file.ts';

/** Whoever is at the machine may use it. */
export const TAGS = ['uaccess'] as const;
/** When udev had seen it, in microseconds. */
export const USEC_INITIALIZED = 1;

/** The text of its record. */
export function udevRecord({ links, udevProperties }: CharDevice): string {
  const lines = [
    ...links.map((link) => `S:${link}`),
    `I:${USEC_INITIALIZED}`,
    ...Object.entries(udevProperties).map(([key, value]) => `E:${key}=${value}`),
    ...TAGS.map((tag) => `G:${tag}`),
    'V:1',
  ];
  return `${lines.join('\n')}\n`;
}
