import type { EngineState } from '@wherefore/engine';
import type { ProcessContext } from '@wherefore/host';
import type { DeriveNews, ReceiverBook, Warn } from '@wherefore/runtime';

/** What receivers are told of a step, and who they are. */
export interface Notifications {
  readonly derive: DeriveNews<EngineState>;
  readonly receivers: ReceiverBook;
}

/** Nobody is notified yet: there are no receivers. */
export async function openNotifications(_context: ProcessContext, _warn: Warn): Promise<Notifications> {
  return { derive: () => [], receivers: { find: async () => undefined } };
}
