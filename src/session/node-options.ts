/** Options and variables that are orders to Node. */

/** Node does not read these, or makes nothing of them here. All others of this kind may change what it does. */
const HARMLESS = /^NODE_(ENV|EXTRA_CA_CERTS|TEST_CONTEXT|VERSION)(=|$)/;

/** `entry` is a variable's name, with or without its value. */
export function isForNode(entry: string): boolean {
  return entry.startsWith('NODE_') && !HARMLESS.test(entry);
}

/** True if somebody has given orders to the Node that this process runs on; of a channel for messages it drops the variables. */
export function hasNodeOptions(): boolean {
  const isOrdered = process.execArgv.length > 0 || process.channel !== undefined;
  return isOrdered || Object.keys(process.env).some(isForNode);
}
