import { describeProcesses } from '@wherefore/answering';
import type { ProcessesAnswer } from '@wherefore/contract';
import { type Config, isDistributed, loadConfig, readBoard } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import { describeStatus } from '../rendering/statusAnswer';
import { readToken } from '../sources/chooseDesk';
import { EXIT } from '../terminal/exitCodes';
import type { Terminal } from '../terminal/terminal';

export interface StatusOptions {
  readonly url?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `wherefore status`: every process, and whether all is well. */
export async function status(options: StatusOptions, terminal: Terminal): Promise<void> {
  const { answer, source } = await ask(options, terminal);
  terminal.aside(`answered by ${source}`);
  if (options.json === true) terminal.json(answer);
  else terminal.data(describeStatus(answer, terminal));
  if (answer.troubles.length > 0) terminal.exitCode = EXIT.failure;
}

interface Answered {
  readonly answer: ProcessesAnswer;
  readonly source: string;
}

/** The database where there is one: it answers whichever processes run. Else the server. */
async function ask({ url, config: file }: StatusOptions, terminal: Terminal): Promise<Answered> {
  const { env, cwd } = terminal.surroundings;
  if (url !== undefined) return askServer(url, env['WHEREFORE_TOKEN']);
  const config = loadConfig({ env, cwd, ...(file === undefined ? {} : { file }) });
  if (!isDistributed(config))
    return askServer(addressOf(config), env['WHEREFORE_TOKEN'] ?? readToken(config.store.folder));
  try {
    const answer = describeProcesses(await readBoard(config), 'distributed', terminal.nowMs);
    const { host, port } = config.database;
    return { answer, source: `the database on ${host}:${port}` };
  } catch (error) {
    if (!(error instanceof WhereforeError) || !error.retryable) throw error;
    terminal.warn(`${error.message}; asking a server instead`);
    return askServer(addressOf(config), env['WHEREFORE_TOKEN'] ?? readToken(config.store.folder)).catch(() => {
      throw error;
    });
  }
}

async function askServer(url: string, token: string | undefined): Promise<Answered> {
  const { askProcesses } = await import('../sources/serverDesk.js');
  const answer = await askProcesses(url, token === undefined ? {} : { token });
  return { answer, source: `the server on ${url}` };
}

function addressOf({ server: { host, port } }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
