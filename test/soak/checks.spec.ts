import type { Outcome } from '@wherefore/engine';
import type { NewEntry, Position } from '@wherefore/model';
import { MemoryHistory } from '@wherefore/ports';
import { reportOf } from '../../libs/ports/src/conformance/processBoard.conformance';
import {
  byId,
  confirmedFaults,
  copyFaults,
  fenceFaults,
  hashFaults,
  historyFaults,
  messageFaults,
  refusalFaults,
  toldFaults,
} from './checks';
import type { Heard } from './ears';
import type { Applied, Truth } from './truth';

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

function applied(offset: number, id: string, kind: Outcome['kind'] = 'applied', more: Partial<NewEntry> = {}): Applied {
  const entry = { kind: 'tick', id, version: 1, source: 'api', ingestedAtMs: 0, ...more } as unknown as NewEntry;
  return { position: at(offset), entry, outcome: { kind } as Outcome };
}

const post = (id: string, position: string) => ({ id, entryIds: [id], position, attempts: 1, tookMs: 1 });
const row = (effectId: string, alarm: string) => {
  return { effectId, receiver: 'hook', body: { notification: 'n', payload: { vitrage_id: alarm } } };
};
const heard = (effectId: string, alarm: string, changes: Partial<Heard> = {}): Heard => {
  const body = JSON.stringify({ notification: 'n', payload: { vitrage_id: alarm }, effect_id: effectId });
  return { effectId, body, atMs: 0, isTaken: true, ...changes };
};

/** Each check names the culprit, and is content where there is none. */
describe('the checks of the soak', () => {
  it('find an event that is lost, counts twice, is elsewhere, or comes too early', () => {
    const check = (entries: readonly Applied[], ...posts: readonly ReturnType<typeof post>[]) =>
      confirmedFaults(byId(entries), posts);
    const [first, second] = [applied(1, 'w-0'), applied(2, 'w-1')];
    expect(check([first, second, applied(3, 'w-0', 'duplicate')], post('w-0', '1.3.0'), post('w-1', '1.2.0'))).toEqual(
      [],
    );
    expect(check([first], post('w-1', '1.2.0'))).toEqual([
      'the event w-1 was confirmed (1.2.0), and is not in the archive',
    ]);
    expect(check([first, applied(3, 'w-0')], post('w-0', '1.1.0'))[0]).toContain(
      'applied at 1.1.0, then applied at 1.3.0',
    );
    expect(check([applied(1, 'w-0', 'duplicate')], post('w-0', '1.1.0'))[0]).toContain('did not count once');
    expect(check([first], post('w-0', '1.9.0'))[0]).toContain('said that it is at 1.9.0, and it is at 1.1.0');
    expect(check([first, second], post('w-1', '1.2.0'), post('w-0', '1.1.0'))[0]).toContain('and comes before it');
  });

  it('find a message that is lost, or overtook another', () => {
    const ids = byId([applied(1, 'a'), applied(2, 'b')]);
    expect(messageFaults(ids, ['a', 'b'])).toEqual([]);
    expect(messageFaults(ids, ['a', 'c'])[0]).toContain('message c was taken by the broker, and is not in the archive');
    expect(messageFaults(ids, ['b', 'a'])[0]).toContain('message a was sent after b, and comes before it');
  });

  it('find where the archive is no copy of the stream', () => {
    const stream = [applied(1, 'a'), applied(2, 'b')];
    expect(copyFaults(stream, stream)).toEqual([]);
    expect(copyFaults(stream, stream.slice(0, 1))[0]).toContain('1.2.0 api/b as entry 2, and the archive nothing');
    expect(copyFaults(stream.slice(0, 1), stream)[0]).toContain('the stream ends before');
    const other = [stream[0]!, applied(2, 'b', 'applied', { ingestedAtMs: 9 })];
    expect(copyFaults(stream, other)[0]).toContain('1.2.0 api/b with another content');
  });

  it('find a leader that counts after a later one, and what was refused', () => {
    const of = (offset: number, epoch: number) =>
      applied(offset, `e${offset}`, 'applied', { fence: { lease: 'l', epoch } });
    expect(fenceFaults([of(1, 1), of(2, 2)])).toEqual([]);
    expect(fenceFaults([of(1, 2), of(2, 1)])[0]).toContain('e2 at 1.2.0 counts under epoch 1 of l');
    expect(refusalFaults([applied(1, 'a'), applied(2, 'b', 'stale-epoch')])).toEqual([]);
    expect(refusalFaults([applied(1, 'a', 'failed')])[0]).toContain('a at 1.1.0 was failed');
  });

  it('find another state, and another history', async () => {
    const report = (stateHash: string) => reportOf('p', { position: at(1), stateHash });
    expect(hashFaults([report('x')], new Map([['1.1.0', 'x']]))).toEqual([]);
    expect(hashFaults([report('y')], new Map([['1.1.0', 'x']]))[0]).toContain('had the hash y at 1.1.0');
    expect(hashFaults([report('y')], new Map())[0]).toContain('where the archive has no entry');
    const [kept, replayed] = [new MemoryHistory(), new MemoryHistory()];
    expect(await historyFaults(kept, replayed)).toEqual([]);
    const effect = { kind: 'entity-added', entityId: 'x', key: 'k', properties: {} } as never;
    const effects = [{ position: at(1), logTimeMs: 1, effect }];
    const { position: expected } = await replayed.cursor();
    await replayed.apply({ expected, position: at(1), epoch: 0, generation: 1, effects });
    expect((await historyFaults(kept, replayed))[0]).toContain('change 1 of 0 in the history is\n    nothing');
  });

  it('find what was not told, was made up, was told otherwise, or out of order', () => {
    const truth = { news: [row('1', 'a'), row('2', 'b'), row('3', 'a')], earlier: new Set(['0']) } as unknown as Truth;
    const check = (...calls: readonly Heard[]) => {
      const subjectOf = ({ body }: { body: unknown }) =>
        (body as { payload: { vitrage_id: string } }).payload.vitrage_id;
      return toldFaults({ called: '/all', receiver: 'hook', heard: calls, subjectOf }, truth);
    };
    const all = [heard('0', 'z'), heard('2', 'b'), heard('1', 'a'), heard('1', 'a'), heard('3', 'a')];
    expect(check(...all)).toEqual([]);
    expect(check(...all.slice(0, 4))).toEqual(['/all was never told of 3']);
    expect(check(...all.slice(0, 4), heard('3', 'a', { isTaken: false }))).toEqual(['/all was never told of 3']);
    expect(check(...all, heard('9', 'a'))).toEqual(['/all was told of 9, which did not happen']);
    expect(check(...all, heard('1', 'b'))[0]).toContain('/all was told something else of 1');
    expect(check(heard('3', 'a'), heard('2', 'b'), heard('1', 'a'))[0]).toBe('/all heard of 3 where 1 was due');
  });
});
