import { checkEntry } from './checkEntry';

const BASE = { id: 'e1', version: 1, source: 'test', ingestedAtMs: 0 };

describe('the check of an entry from outside', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'no such kind', 7, null, undefined, {}])(
    'refuses the kind %p',
    (kind) => {
      expect(checkEntry({ ...BASE, kind })).toMatchObject({ code: 'unreadable-entry', where: 'kind' });
    },
  );

  it.each([
    [{ kind: 'event', event: {}, pollId: 7 }, 'pollId'],
    [{ kind: 'event', event: [] }, 'event'],
    [{ kind: 'template-add', templates: [{ path: 'p', text: 't', parameters: { a: 1 } }] }, 'templates'],
    [{ kind: 'template-add', templates: [{ path: 'p', text: 't', type: {} }] }, 'templates'],
    [{ kind: 'template-add', templates: [], overwrite: 'yes' }, 'overwrite'],
    [{ kind: 'rejected-input', code: 'x', message: 'm', excerpt: 'e', hint: 1 }, 'hint'],
    [{ kind: 'tick', atMs: 1e15 }, 'atMs'],
    [{ kind: 'tick', atMs: 0, fence: { lease: 'l' } }, 'fence'],
  ])('refuses %j', (fields, where) => {
    expect(checkEntry({ ...BASE, ...fields })).toMatchObject({ code: 'unreadable-entry', where });
  });

  it('shows a little of what it refuses, however deep or long that is', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    for (const event of [deep, ['x'.repeat(1_000_000)]]) {
      const refused = checkEntry({ ...BASE, kind: 'event', event });
      expect(refused).toMatchObject({ code: 'unreadable-entry', where: 'event' });
      expect(JSON.stringify(refused).length).toBeLessThan(500);
    }
  });

  it('gives back what is sound', () => {
    const entry = { ...BASE, kind: 'event', event: { a: 1 }, pollId: 'p' };
    expect(checkEntry(entry)).toBe(entry);
  });
});
