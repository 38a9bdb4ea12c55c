import { alarmView, placeName } from './views';

describe('the place of an alarm', () => {
  const placeOf = (...resources: Parameters<typeof alarmView>[1][number][]) =>
    placeName(alarmView({ vitrage_id: 'a', name: 'Down' }, resources, '2026-11-22T00:00:00Z'));

  it('is the name of its resource, and the id where that has none or an empty one', () => {
    const port = { vitrage_id: 'r', vitrage_type: 'neutron.port', id: 'p-1' };
    expect(placeOf({ ...port, name: 'eth0' })).toBe('eth0');
    expect([placeOf(port), placeOf({ ...port, name: '' })]).toEqual(['p-1', 'p-1']);
    expect(placeOf()).toBe('');
  });
});
