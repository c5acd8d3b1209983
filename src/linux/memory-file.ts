/** What the files are called that memory for programs lies in: by that they are known in /proc. */
export const MEMORY_FILE = 'usercam';
