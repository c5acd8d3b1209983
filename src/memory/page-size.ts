/** For those floors above that know memory, but not Linux. */
export { PAGE_SIZE, pageAlign } from '../linux/page-size.ts';
