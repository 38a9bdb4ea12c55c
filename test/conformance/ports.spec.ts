import { eventLogConformance } from '../../libs/ports/src/conformance/eventLog.conformance';
import { historyConformance } from '../../libs/ports/src/conformance/history.conformance';
import { leaderLeaseConformance } from '../../libs/ports/src/conformance/leaderLease.conformance';
import { outboxConformance } from '../../libs/ports/src/conformance/outbox.conformance';
import { snapshotStoreConformance } from '../../libs/ports/src/conformance/snapshotStore.conformance';
import { adapter, selectedAdapters } from './registry';

for (const name of selectedAdapters()) {
  const open = adapter(name);
  eventLogConformance(name, open);
  snapshotStoreConformance(name, open);
  historyConformance(name, open);
  leaderLeaseConformance(name, open);
  outboxConformance(name, open);
}
