/** The package as whoever installs it imports it. */
const bundle = new URL('../../src/bundle/index.mjs', import.meta.url);

export const { startSession } = (await import(bundle.href)) as typeof import('../../src/index.ts');
