import { compareCodeUnits } from '@wherefore/model';
import type { PollRequest, PollRequests } from '../pollRequests';

/** Requests of one process; the reference for what a database has to do. */
export class MemoryPollRequests implements PollRequests {
  private readonly requests = new Map<string, PollRequest>();

  async request(datasource: string, reason: string): Promise<void> {
    const number = (this.requests.get(datasource)?.number ?? 0) + 1;
    this.requests.set(datasource, { datasource, number, reason });
  }

  async list(): Promise<readonly PollRequest[]> {
    return [...this.requests.values()].sort((a, b) => compareCodeUnits(a.datasource, b.datasource));
  }
}
