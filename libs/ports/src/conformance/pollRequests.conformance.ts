import { ALL_DATASOURCES, type PollRequests } from '../pollRequests';

export interface PollRequestsUnderTest {
  readonly polls: PollRequests;
  close(): Promise<void>;
}

/** What every place for poll requests must do. */
export function pollRequestsConformance(name: string, open: () => Promise<PollRequestsUnderTest>): void {
  describe(`PollRequests: ${name}`, () => {
    let opened: PollRequestsUnderTest;
    let polls: PollRequests;
    beforeEach(async () => {
      opened = await open();
      polls = opened.polls;
    });
    afterEach(() => opened.close());

    it('has none at first', async () => {
      expect(await polls.list()).toEqual([]);
    });

    it('makes one of those for one datasource, counts them, and keeps the newest reason', async () => {
      await polls.request('nova.host', 'first');
      await polls.request(ALL_DATASOURCES, 'the bus was away');
      await polls.request('nova.host', 'second');
      expect(await polls.list()).toEqual([
        { datasource: '*', number: 1, reason: 'the bus was away' },
        { datasource: 'nova.host', number: 2, reason: 'second' },
      ]);
    });

    it('loses none of those that are made at once', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => polls.request('aodh', `reason ${i}`)));
      expect(await polls.list()).toMatchObject([{ datasource: 'aodh', number: 20 }]);
    });

    it('lists them by name in code units', async () => {
      for (const datasource of ['neutron.port', 'Nova', 'neutron.agent', 'é']) await polls.request(datasource, '');
      const names = (await polls.list()).map(({ datasource }) => datasource);
      expect(names).toEqual(['Nova', 'neutron.agent', 'neutron.port', 'é']);
    });
  });
}
