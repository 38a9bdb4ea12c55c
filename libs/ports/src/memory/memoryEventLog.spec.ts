import { ORIGIN, WhereforeError } from '@wherefore/model';
import { eventLogConformance, tick } from '../conformance/eventLog.conformance';
import { MemoryEventLog } from './memoryEventLog';

eventLogConformance('memory, with gaps between offsets', async () => {
  const log = new MemoryEventLog(7);
  return { log, archive: log, close: async () => undefined };
});

describe('MemoryEventLog', () => {
  it('forgets as a stream with retention does, while the archive keeps all', async () => {
    const log = new MemoryEventLog(3);
    await log.append([tick('a'), tick('b'), tick('c')]);
    log.forget(2);
    expect(await log.oldest()).toEqual({ epoch: 1, offset: 9, index: 0 });
    await expect(log.read(ORIGIN).next()).rejects.toMatchObject({ code: 'log-hole' });
    expect((await log.read({ epoch: 1, offset: 6, index: 0 }).next()).value).toMatchObject({ entry: { id: 'c' } });
    expect(await log.readRange(ORIGIN, 10)).toHaveLength(3);
  });

  it('fails one append on demand', async () => {
    const log = new MemoryEventLog();
    log.failNextAppend(new WhereforeError('log-unavailable', 'gone', { retryable: true }));
    await expect(log.append([tick('a')])).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
    await log.append([tick('a')]);
    expect(await log.count()).toBe(1);
  });
});
