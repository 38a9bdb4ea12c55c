import { ORIGIN } from '@wherefore/model';
import type { EpochBook, LogEpoch } from '../epochBook';

export interface EpochBookUnderTest {
  readonly epochs: EpochBook;
  close(): Promise<void>;
}

/** What every book of epochs must do. */
export function epochBookConformance(name: string, open: () => Promise<EpochBookUnderTest>): void {
  describe(`EpochBook: ${name}`, () => {
    let opened: EpochBookUnderTest;
    let epochs: EpochBook;
    beforeEach(async () => {
      opened = await open();
      epochs = opened.epochs;
    });
    afterEach(() => opened.close());

    const first: LogEpoch = { number: 1, streamId: '1a2b3c4d', sealedAt: ORIGIN };
    const second: LogEpoch = { number: 2, streamId: 'ffffffff', sealedAt: { epoch: 1, offset: 4_000_000, index: 17 } };

    it('has no epoch at first', async () => {
      expect(await epochs.current()).toBeUndefined();
    });

    it('opens one after the other, and gives back what was opened', async () => {
      expect(await epochs.open(first)).toBe(true);
      expect(await epochs.current()).toEqual(first);
      expect(await epochs.open(second)).toBe(true);
      expect(await epochs.current()).toEqual(second);
    });

    it('opens none that does not follow the current one', async () => {
      expect(await epochs.open(second)).toBe(false);
      expect(await epochs.current()).toBeUndefined();
      await epochs.open(first);
      expect(await epochs.open({ ...first, streamId: 'another' })).toBe(false);
      expect(await epochs.open({ ...second, number: 3 })).toBe(false);
      expect(await epochs.current()).toEqual(first);
    });

    it('lets one succeed of many that try at once, epoch after epoch', async () => {
      for (let number = 1; number <= 5; number++) {
        const rivals = Array.from({ length: 12 }, (_, i) => ({
          number,
          streamId: `e${number}r${i}`,
          sealedAt: ORIGIN,
        }));
        const opened = await Promise.all(rivals.map((each) => epochs.open(each)));
        const winners = rivals.filter((_, i) => opened[i]);
        expect(winners).toHaveLength(1);
        expect(await epochs.current()).toEqual(winners[0]);
      }
    });
  });
}
