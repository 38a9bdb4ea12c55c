import { silentLog } from '../log';
import { LinkWatch } from './linkWatch';

describe('a watch over a link', () => {
  it('remembers since when it is so, and logs changes only', () => {
    const lines: string[] = [];
    const log = {
      ...silentLog,
      info: (text: string) => void lines.push(text),
      warn: (_: unknown, text: string) => void lines.push(text),
    };
    let nowMs = 1000;
    const watch = new LinkWatch('the broker', log as typeof silentLog, { nowMs: () => nowMs });
    expect(watch.health).toEqual({ isReachable: false, sinceMs: 1000, trouble: '' });
    watch.saw(undefined);
    nowMs = 2000;
    watch.saw(undefined);
    expect(watch.health).toEqual({ isReachable: true, sinceMs: 1000, trouble: '' });
    watch.saw(new Error('refused by amqp://wherefore:hunter2@one:5672'));
    nowMs = 3000;
    watch.saw(new Error('refused again'));
    expect(watch.health).toEqual({
      isReachable: false,
      sinceMs: 2000,
      trouble: 'refused by amqp://wherefore:…@one:5672',
    });
    expect(lines).toEqual(['the broker can be reached', 'the broker cannot be reached; going on as soon as it can']);
  });
});
