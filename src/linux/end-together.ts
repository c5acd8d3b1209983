/** A process that the kernel ends when this one ends, however that happens. */
import { F_DUPFD_CLOEXEC, F_SETFL, F_SETOWN, F_SETSIG, O_ASYNC, O_CLOEXEC, SIGKILL } from './constants.ts';
import { close, fcntl, pipe2 } from './libc.ts';
import { allocateNative } from './native-memory.ts';

/**
 * Ends process `pid`, which must not have been reaped, by SIGKILL when this process is gone; until the function that is given
 * back is called, when the process has ended. PR_SET_PDEATHSIG does so too, but only the process itself can ask for it. Here
 * a pipe that is closed at its other end asks for a signal.
 *
 * We have both ends, so it matters which of them the kernel closes first when this process ends. It goes by their
 * numbers, and has done so in either direction: so there are two pipes, with the numbers one way and the other.
 */
export function endTogether(pid: number): () => void {
  const native = allocateNative(16);
  const fds: number[] = [];
  for (const readerIsHigher of [false, true]) {
    if (pipe2(native.address, O_CLOEXEC) < 0) continue;
    const [first, writer] = [native.view.getInt32(0, true), native.view.getInt32(4, true)];
    const reader = readerIsHigher ? fcntl(first, F_DUPFD_CLOEXEC, writer + 1) : first;
    if (reader !== first) close(first);
    fds.push(reader, writer);
    fcntl(reader, F_SETOWN, pid);
    fcntl(reader, F_SETSIG, SIGKILL);
    fcntl(reader, F_SETFL, O_ASYNC);
  }
  native.unmap();
  return () => {
    // The number may be another process's by now.
    for (const reader of fds.filter((_, n) => n % 2 === 0)) fcntl(reader, F_SETFL, 0);
    for (const fd of fds) close(fd);
  };
}
