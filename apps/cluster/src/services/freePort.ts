import { createServer, type AddressInfo } from 'node:net';

/**
 * A TCP port of the loopback interface on which nothing listens at this moment. Another program may
 * take it before it is used: whoever starts a server tries again then.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
