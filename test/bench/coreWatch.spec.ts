import { CoreWatch } from '../../bench/coreWatch';

describe('the watch over a core', () => {
  it('has nothing to tell before it looked', () => {
    expect(new CoreWatch().aloneShare()).toBeUndefined();
  });

  it('tells how many looks took no longer than a core of its own takes', () => {
    let nowMs = 0;
    let takesMs = 1;
    // Each look asks for the time when it begins and when it ends; what it takes is what lies between.
    jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += takesMs));
    const watch = new CoreWatch();
    watch.look();
    for (const took of [1, 1.15, 1.3]) {
      nowMs += 100;
      takesMs = took;
      watch.look();
    }
    expect(watch.aloneShare()).toBe(75);
  });

  it('does not look again at once', () => {
    let nowMs = 0;
    let takesMs = 1;
    jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += takesMs));
    const watch = new CoreWatch();
    watch.look();
    takesMs = 2;
    watch.look();
    expect(watch.aloneShare()).toBe(100);
  });

  afterEach(() => jest.restoreAllMocks());
});
