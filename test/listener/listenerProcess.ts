/**
 * A listener that is killed: that of the app, over a log whose epoch the test has opened. Says on stdout when it listens,
 * and how many messages it has kept.
 *
 *   node listenerProcess.js ORDER_AS_JSON
 */
import { writeSync } from 'node:fs';
import { Listener, type BusSettings } from '@wherefore/listener';
import { MemoryArchive, MemoryEpochBook, MemoryPollRequests, type LogEpoch } from '@wherefore/ports';
import { RabbitEventLog, type RabbitLogOptions } from '@wherefore/rabbitmq';
import { machineTimer } from '@wherefore/runtime';

interface Order {
  readonly settings: BusSettings;
  readonly epoch: LogEpoch;
  readonly log: Omit<RabbitLogOptions, 'archive' | 'epochs'>;
}

async function main(): Promise<void> {
  const { settings, epoch, log: options } = JSON.parse(process.argv[2]!) as Order;
  const epochs = new MemoryEpochBook();
  await epochs.open(epoch);
  const log = new RabbitEventLog({ ...options, archive: new MemoryArchive(), epochs });
  let kept = 0;
  const listener = await Listener.start({
    settings,
    reading: { portOwners: 'compute' },
    log: {
      append: async (entries) => {
        await log.append(entries);
        kept += entries.length;
        writeSync(1, `kept ${kept}\n`);
      },
      newest: () => log.newest(),
    },
    polls: new MemoryPollRequests(),
    timer: machineTimer,
    journal: { info: (_, message) => writeSync(1, `${message}\n`), warn: (_, message) => writeSync(1, `${message}\n`) },
  });
  const reason = await listener.ended;
  writeSync(2, `ended: ${String(reason)}\n`);
}

void main();
