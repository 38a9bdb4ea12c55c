import { compileQuery } from './query';

const host = { name: 'host-1', vitrage_type: 'nova.host', size: 3, vitrage_is_deleted: false };

describe('queries of Vitrage', () => {
  it.each([
    [{ '==': { name: 'host-1' } }, true],
    [{ '==': { name: 'host-1', size: 4 } }, false],
    [{ '==': { vitrage_is_deleted: false } }, true],
    [{ '==': { project_id: null } }, true],
    [{ '!=': { project_id: null } }, false],
    [{ '<': { size: 4 } }, true],
    [{ '>=': { size: 3 } }, true],
    [{ '>': { name: 'host-0' } }, true],
    [{ '<': { project_id: 'x' } }, false],
    [{ and: [{ '==': { size: 3 } }, { or: [{ '==': { name: 'x' } }, { '<=': { size: 3 } }] }] }, true],
    [{ '==': { size: 3 }, '!=': { name: 'host-1' } }, false],
    [{ and: [] }, false],
    [{ or: [] }, false],
    [{}, false],
    [{ '==': {} }, false],
  ])('%j finds it: %s', (query, isFound) => {
    expect(compileQuery(query)(host)).toBe(isFound);
    expect(compileQuery(JSON.stringify(query))(host)).toBe(isFound);
  });

  it.each([
    '{bad',
    '3',
    '{"~~": {"a": "b"}}',
    '{"not": {"==": {"a": 1}}}',
    '{"and": {"==": {}}}',
    '{"==": 3}',
    '{"toString": {"a": 1}}',
  ])('refuses %s', (query) => {
    expect(() => compileQuery(query)).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
  });

  it('refuses a query that is nested without end', () => {
    const deep = `${'{"and":['.repeat(5000)}${']}'.repeat(5000)}`;
    expect(() => compileQuery(deep)).toThrow('nested deeper');
  });
});
