import { nearestNames } from './nearest';

describe('nearestNames', () => {
  it('prefers names that contain what was asked', () => {
    expect(nearestNames('down', ['town', 'Host down', 'Disk full'])).toEqual(['Host down', 'town']);
  });

  it('finds slips of the keyboard, whatever the case', () => {
    expect(nearestNames('HOST DWON', ['Host down', 'Disk full'])).toEqual(['Host down']);
  });

  it('names each once, the best first, and no more than asked for', () => {
    expect(nearestNames('abcd', ['abce', 'abcd', 'abce', 'abxy'], 2)).toEqual(['abcd', 'abce']);
  });

  it('has nothing to offer where nothing is near', () => {
    expect(nearestNames('zzz', ['Host down'])).toEqual([]);
  });
});
