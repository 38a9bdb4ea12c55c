import type { LogEntry, Position } from '@wherefore/model';
import { MemoryArchive, MemoryEpochBook } from '@wherefore/ports';
import type { BrokerLink } from './brokerLink';
import { StreamWalk } from './streamWalk';

const at = (epoch: number, offset: number, index = 0): Position => ({ epoch, offset, index });
const entry = (position: Position): LogEntry => ({
  position,
  entry: { kind: 'tick', id: JSON.stringify(position), version: 1, source: 's', ingestedAtMs: 1, atMs: 1 },
});
/** The archive alone is read: no broker is asked. */
const NO_BROKER = {} as BrokerLink;

/** Epoch 1 was sealed at 1.7.1; the archive has gone on in epoch 2. */
async function walkFrom(after: Position): Promise<readonly Position[]> {
  const archive = new MemoryArchive();
  const entries = [at(1, 3), at(1, 7), at(1, 7, 1), at(2, 0), at(2, 4)].map(entry);
  await archive.append({ expected: at(0, 0), epoch: 1, entries });
  const walk = new StreamWalk(
    NO_BROKER,
    { stream: { prefix: 'p' }, archive, epochs: new MemoryEpochBook() },
    undefined,
  );
  const read: Position[] = [];
  for await (const entries of walk.from(after, 2)) read.push(...entries.map(({ position }) => position));
  return read;
}

describe('a walk through the archive into a later epoch', () => {
  it('goes on from the place at which the earlier one was sealed', async () => {
    expect(await walkFrom(at(1, 7, 1))).toEqual([at(2, 0), at(2, 4)]);
    expect(await walkFrom(at(1, 7))).toEqual([at(1, 7, 1), at(2, 0)]);
    expect(await walkFrom(at(0, 0))).toEqual([at(1, 3), at(1, 7)]);
  });

  it('does not go on from an entry beyond it, which was lost with its stream', async () => {
    await expect(walkFrom(at(1, 7, 2))).rejects.toMatchObject({ code: 'log-hole' });
    await expect(walkFrom(at(1, 9))).rejects.toMatchObject({ code: 'log-hole' });
  });
});
