/** Kinds of buffer memory (the numbers are those of V4L2_MEMORY_*). @kernel vb2_memory */
export const VB2_MEMORY_UNKNOWN = 0;
export const VB2_MEMORY_MMAP = 1;
export const VB2_MEMORY_USERPTR = 2;
export const VB2_MEMORY_DMABUF = 4;

/** Ways to move frames that a queue offers (`ioModes`). @kernel vb2_io_modes */
export const VB2_MMAP = 1 << 0;
export const VB2_USERPTR = 1 << 1;
export const VB2_READ = 1 << 2;
export const VB2_WRITE = 1 << 3;
export const VB2_DMABUF = 1 << 4;

/** Buffers of a queue unless the driver says otherwise (VIDEO_MAX_FRAME). */
export const VB2_DEFAULT_MAX_BUFFERS = 32;
export const VB2_MAX_PLANES = 8;
