/** What the description of a camera says of its driver, for whoever has to know before drivers are there. */
import { wordsOf } from '../drivers/lib/spec-words.ts';

/** The file of a driver ends so. */
export const MODULE = /\.m?[jt]s$/;
export const PATH = /^\.{0,2}\//;

/** What says which driver makes the camera that `spec` describes. */
export function driverWord(spec: string): string {
  return (wordsOf(spec)[0] as string).trim();
}

/** True if this is the file of a driver and not the name of one. */
export function isDriverFile(word: string): boolean {
  return PATH.test(word) || (MODULE.test(word) && !word.includes('://'));
}
