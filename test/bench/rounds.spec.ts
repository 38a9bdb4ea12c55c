import { costFigures, rateFigures, Rounds } from '../../bench/measure';
import { MARKDOWN, TEXT } from '../../bench/pages';

function countRounds(rounds: Rounds, work: () => void = () => undefined): number {
  let count = 0;
  for (; rounds.next(); count++) work();
  return count;
}

function burn(seconds: number): void {
  const { user, system } = process.cpuUsage();
  for (let used = 0; used < seconds * 1e6;) {
    const now = process.cpuUsage();
    used = now.user + now.system - user - system;
  }
}

describe('the rounds of a case', () => {
  it('are as many as allowed while there is time', () => {
    expect(countRounds(new Rounds({ most: 25, seconds: 1e9 }))).toBe(25);
  });

  it('are the fewest allowed when there is none', () => {
    expect(countRounds(new Rounds({ least: 4, most: 25, seconds: 0 }))).toBe(4);
  });

  it('end when their cpu-seconds are used up', () => {
    expect(countRounds(new Rounds({ least: 1, most: 25, seconds: 0.05 }), () => burn(0.02))).toBeLessThanOrEqual(4);
  });
});

describe('the figures of several rounds', () => {
  it('hold the median rate against the peer, and name all rounds and the best one beside it', () => {
    expect(rateFigures('alarms', 100, [5, 1, 2], 10)).toEqual([
      { name: 'alarms', value: 50, unit: 'per cpu-second', peer: 10, ratio: 5 },
      { name: 'alarms, all rounds', value: 37.5, unit: 'per cpu-second', peer: null, ratio: null },
      { name: 'alarms, best round', value: 100, unit: 'per cpu-second', peer: null, ratio: null },
    ]);
  });

  it('hold the median cost against the goal, and name the cheapest round beside it', () => {
    expect(costFigures('restore', [40, 10, 20], 'cpu-ms', 30)).toEqual([
      { name: 'restore', value: 20, unit: 'cpu-ms', peer: 30, ratio: 1.5 },
      { name: 'restore, best round', value: 10, unit: 'cpu-ms', peer: null, ratio: null },
    ]);
  });

  it('have no ratio without a peer', () => {
    expect(rateFigures('graph', 100, [1], null)[0]).toMatchObject({ peer: null, ratio: null });
    expect(costFigures('cost', [1], 'cpu-ms', null)[0]).toMatchObject({ peer: null, ratio: null });
  });

  it('are printed with the best round and the moment clearly under the figure', () => {
    const loop = { name: 'calibration loop before alarms, 1k', value: 431.4, unit: 'steps', peer: null, ratio: null };
    const figures = [...rateFigures('alarms, 1k', 12_345, [1, 1, 0.5], 100), loop];
    const squeezed = figures.map((figure) => TEXT.line(figure).replace(/(\S) {2,}/g, '$1 | '));
    expect(squeezed).toEqual([
      'alarms, 1k | 12,345 per cpu-second | 123× of 100\n',
      '    all rounds | 14,814 per cpu-second\n',
      '    best round | 24,690 per cpu-second\n',
      '    calibration loop before alarms, 1k | 431 steps\n',
    ]);
    expect(figures.map((figure) => MARKDOWN.line(figure))).toEqual([
      '| alarms, 1k | 12,345 | per cpu-second | 100 | 123 |\n',
      '| *all rounds* | 14,814 | per cpu-second |  |  |\n',
      '| *best round* | 24,690 | per cpu-second |  |  |\n',
      '| *calibration loop before alarms, 1k* | 431 | steps |  |  |\n',
    ]);
  });
});
