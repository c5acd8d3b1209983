/** What a driver or a configuration out of a file imports from `usercam`: this very instance of the package (decision 19). */
import * as usercam from '../index.ts';

/** Few need it, and to name all that the package has takes time: `bundle.mjs` makes it when it is first asked for. */
export const ownPackage = (): object => usercam;
