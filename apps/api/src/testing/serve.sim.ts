import { loadConfig, openLog } from '@wherefore/host';
import { runServer, startEmbeddedServer } from '../index';

/** A server as the command line runs one; the end-to-end tests send it signals. */
async function main(): Promise<void> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const log = openLog(config.log);
  const server = await startEmbeddedServer({ config, log });
  process.stdout.write(`${server.url}\n`);
  process.exitCode = await runServer(server, log);
}

void main();
