/** Options and variables that are orders to Node. */

/** Node does not read these, or makes nothing of them here. All others of this kind may change what it does. */
const HARMLESS = /^NODE_(ENV|EXTRA_CA_CERTS|TEST_CONTEXT|VERSION)(=|$)/;

/** `entry` is a variable's name, with or without its value. */
export function isForNode(entry: string): boolean {
  return entry.startsWith('NODE_') && !HARMLESS.test(entry);
}

/** True if somebody has given orders to the Node that this process runs on. */
export function hasNodeOptions(): boolean {
  return process.execArgv.length > 0 || Object.keys(process.env).some(isForNode);
}
