import type { CauseNode } from '@wherefore/contract';
import type { Explanation } from '@wherefore/engine';
import { MemoryEventLog } from '@wherefore/ports';
import { CausalTree } from './causalTree';
import { EntryBook } from './entryBook';

/** `links` as `a>b`; roots as the engine gives them. */
async function treeOf(askedId: string, rootIds: string[], links: string[]): Promise<string[]> {
  const ends = links.map((link) => link.split('>') as [string, string]);
  const ids = [...new Set([askedId, ...ends.flat()])].sort();
  const explanation: Explanation = {
    askedId,
    rootIds,
    alarms: ids.map((id) => ({
      key: `ALARM:vitrage:${id}`,
      properties: { vitrage_id: id, vitrage_category: 'ALARM', name: id },
      resources: [],
      bornAt: 1,
      changedAt: 1,
      deducedBy: [],
    })),
    links: ends.map(([sourceId, targetId]) => ({ sourceId, targetId, bornAt: 1, deducedBy: [] })),
    omitted: 0,
  };
  return lines(new CausalTree(explanation, await EntryBook.open(new MemoryEventLog(), [])).roots);
}

function lines(nodes: readonly CauseNode[], path = ''): string[] {
  return nodes.flatMap(({ alarm, asked, repeated, effects }) => {
    const here = path + alarm.name;
    return [here + (asked ? '*' : '') + (repeated ? '+' : ''), ...lines(effects, `${here}/`)];
  });
}

describe('CausalTree', () => {
  it('lists what an alarm caused once, and marks its other appearances', async () => {
    expect(await treeOf('d', ['a'], ['a>b', 'a>c', 'b>d', 'c>d', 'd>e'])).toEqual([
      'a',
      'a/b',
      'a/b/d*',
      'a/b/d/e',
      'a/c',
      'a/c/d*+',
    ]);
  });

  it('has every root cause on top', async () => {
    expect(await treeOf('c', ['a', 'b'], ['a>c', 'b>c'])).toEqual(['a', 'a/c*', 'b', 'b/c*']);
  });

  it('lets one of a ring of causes stand for the ring', async () => {
    expect(await treeOf('c', ['c'], ['a>b', 'b>a', 'b>c'])).toEqual(['a', 'a/b', 'a/b/a+', 'a/b/c*']);
    expect(await treeOf('a', ['a'], ['a>b', 'b>a'])).toEqual(['b', 'b/a*', 'b/a/b+']);
  });

  it('ends where an alarm causes itself', async () => {
    expect(await treeOf('a', ['a'], ['a>a'])).toEqual(['a*', 'a/a*+']);
  });
});
