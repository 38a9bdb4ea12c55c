import { getEventListeners } from 'node:events';
import { notWhenAborted, whenAborted } from './abortActs';

describe('what is to be done when a signal aborts', () => {
  it('is done once, in the order in which it was said', () => {
    const control = new AbortController();
    const done: string[] = [];
    whenAborted(control.signal, () => done.push('first'));
    whenAborted(control.signal, () => done.push('second'));
    expect(done).toEqual([]);
    control.abort();
    expect(done).toEqual(['first', 'second']);
  });

  it('is done at once where it has aborted', () => {
    const done: string[] = [];
    whenAborted(AbortSignal.abort(), () => done.push('at once'));
    expect(done).toEqual(['at once']);
  });

  it('is not done when it was taken back, be it by one that was done before', () => {
    const control = new AbortController();
    const done: string[] = [];
    const early = (): unknown => done.push('early');
    const late = (): unknown => done.push('late');
    whenAborted(control.signal, early);
    notWhenAborted(control.signal, early);
    whenAborted(control.signal, () => notWhenAborted(control.signal, late));
    whenAborted(control.signal, late);
    control.abort();
    expect(done).toEqual([]);
  });

  it('has one listener, however much it is', () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) whenAborted(signal, () => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });

  it('may be taken back from a signal of which nothing was said', () => {
    expect(() => notWhenAborted(new AbortController().signal, () => undefined)).not.toThrow();
  });
});
