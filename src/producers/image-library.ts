/** sharp, which reads and writes pictures: loaded when a source needs it, and installed by those who have such a source. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type sharp from 'sharp';
import { Trouble } from './trouble.ts';

type Sharp = typeof sharp;

/** `what` it is needed for, after the name of the source. Throws Trouble if it is not there. */
export async function loadSharp(what: string): Promise<Sharp> {
  const sharp = (await fromHere()) ?? fromProject();
  if (sharp !== undefined) return sharp;
  throw new Trouble(`needs sharp to be shown ${what}, which is not installed: npm install sharp`);
}

async function fromHere(): Promise<Sharp | undefined> {
  try {
    return (await import('sharp')).default;
  } catch {
    return undefined;
  }
}

/** Where usercam itself is installed for all, sharp may be for the project only. */
function fromProject(): Sharp | undefined {
  try {
    return createRequire(join(process.cwd(), 'package.json'))('sharp') as Sharp;
  } catch {
    return undefined;
  }
}
