import type { Duplex } from 'node:stream';

/**
 * Has everything that is written to a socket in one turn leave it in one system call. The client of the broker writes
 * frame by frame, each by a call of its own, which costs more than all else about a short message.
 */
export function joinWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  let isGathering = false;
  const release = (): void => {
    isGathering = false;
    socket.uncork();
  };
  socket.write = (...given: unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      process.nextTick(release);
    }
    return write(...given);
  };
}
