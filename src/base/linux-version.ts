/** KERNEL_VERSION(6, 1, 0): the kernel that this one behaves as. */
export const LINUX_VERSION_CODE = 0x06_01_00;
