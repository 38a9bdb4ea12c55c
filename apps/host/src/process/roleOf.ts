import { WhereforeError } from '@wherefore/model';
import type { DistributedPorts, Ports } from '../ports/openPorts';
import type { RunningRole } from './role';

/** A role that runs until its signal aborts, with how it is. */
export function roleOf(run: (signal: AbortSignal) => Promise<void>, status: RunningRole['status']): RunningRole {
  const stopping = new AbortController();
  const ended = run(stopping.signal).then(
    () => undefined,
    (error: unknown) => error ?? new Error('the role ended'),
  );
  return {
    ended,
    status,
    stop: async () => {
      stopping.abort(new Error('the process ends'));
      await ended;
    },
  };
}

/** Ports of the distributed shape, or `invalid-config`. */
export function distributed(ports: Ports): DistributedPorts {
  if (ports.kind === 'distributed') return ports;
  throw new WhereforeError('invalid-config', 'this role needs broker.urls and database.host');
}
