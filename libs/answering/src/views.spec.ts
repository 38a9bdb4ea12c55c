import { alarmView, placeName, resourceView } from './views';

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

describe('a resource in an answer', () => {
  it('bears the words of its source about its state, where there are any', () => {
    const stack = { vitrage_id: 's', vitrage_type: 'heat.stack', state: 'CREATE_FAILED' };
    expect(resourceView({ ...stack, status_reason: 'No valid host was found' }).reason).toBe('No valid host was found');
    expect(resourceView(stack)).not.toHaveProperty('reason');
  });
});
