/** What is there when there is no memory. */
export const NO_BYTES = new Uint8Array(0);
