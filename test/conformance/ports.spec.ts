import { archiveWriterConformance } from '../../libs/ports/src/conformance/archiveWriter.conformance';
import { epochBookConformance } from '../../libs/ports/src/conformance/epochBook.conformance';
import { eventLogConformance } from '../../libs/ports/src/conformance/eventLog.conformance';
import { historyConformance } from '../../libs/ports/src/conformance/history.conformance';
import { leaderLeaseConformance } from '../../libs/ports/src/conformance/leaderLease.conformance';
import { outboxConformance } from '../../libs/ports/src/conformance/outbox.conformance';
import { presenceConformance } from '../../libs/ports/src/conformance/presence.conformance';
import { pollRequestsConformance } from '../../libs/ports/src/conformance/pollRequests.conformance';
import { processBoardConformance } from '../../libs/ports/src/conformance/processBoard.conformance';
import { snapshotStoreConformance } from '../../libs/ports/src/conformance/snapshotStore.conformance';
import { describeWithService } from '../support/shared';
import { stopSharedServer } from './mariadbDatabases';
import { sharedBroker, stopSharedBroker } from './rabbitmqLogs';
import { adapter, selectedAdapters, type Adapter } from './registry';

/** A broker takes seconds to start, on a busy machine many. */
const BROKER_START_MS = 120_000;

afterAll(stopSharedServer);
afterAll(stopSharedBroker);

for (const name of selectedAdapters()) {
  const selected = adapter(name);
  if (selected.need) describeWithService(`adapter ${name}`, selected.need, () => runSuites(name, selected));
  else runSuites(name, selected);
}

function runSuites(name: string, selected: Adapter): void {
  if (selected.kind === 'bare log') {
    beforeAll(sharedBroker, BROKER_START_MS);
    return eventLogConformance(name, selected.open);
  }
  if (selected.kind === 'log') eventLogConformance(name, selected.open);
  else {
    archiveWriterConformance(name, selected.open);
    epochBookConformance(name, selected.open);
    processBoardConformance(name, selected.open);
    pollRequestsConformance(name, selected.open);
  }
  snapshotStoreConformance(name, selected.open);
  historyConformance(name, selected.open);
  leaderLeaseConformance(name, selected.open);
  outboxConformance(name, selected.open);
  if (selected.kind === 'archive') {
    presenceConformance(name, async () => {
      const { presence, close } = await selected.open();
      return { ...presence, close };
    });
  }
}
