import { openStore, type OpenOptions } from '@wherefore/mariadb';
import { LeaderRole, machineTimer } from '@wherefore/runtime';

/** Leads on a database until it is killed. Says on its output when it does. */
async function main(options: OpenOptions, holder: string): Promise<void> {
  const store = await openStore(options);
  const role = new LeaderRole(store.leases, machineTimer, { lease: 'leader', holder, presence: store.presence });
  const never = new AbortController().signal;
  await role.run((term) => {
    process.stdout.write(`leads in epoch ${term.epoch}\n`);
    return new Promise((resolve) => term.signal.addEventListener('abort', () => resolve()));
  }, never);
}

void main(JSON.parse(process.argv[2]!) as OpenOptions, process.argv[3]!);
