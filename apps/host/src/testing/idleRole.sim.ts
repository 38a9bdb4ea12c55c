import { type ProcessContext, runProcess, type RunningRole } from '../index';

/** A process whose role is to follow the archive's cursor and nothing else: for tests of what surrounds a role. */
async function startIdle({ ports, config }: ProcessContext): Promise<RunningRole> {
  let failed: (error: Error) => void = () => undefined;
  const ended = new Promise<Error>((resolve) => (failed = resolve));
  process.on('SIGUSR2', () => failed(new Error('the role was told to fail')));
  process.on('SIGHUP', () => {
    throw new Error(`a defect, beside ${config.broker.urls.join()}`);
  });
  return {
    ended,
    status: async () => ({ position: await ports.archive.cursor(), ordinal: await ports.archive.count() }),
    stop: async () => undefined,
  };
}

void runProcess('persister', startIdle, { env: process.env, cwd: process.cwd() }).then((code) => process.exit(code));
