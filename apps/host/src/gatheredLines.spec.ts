import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pino } from 'pino';
import { GatheredLines } from './gatheredLines';

const messages = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

describe('lines of a log', () => {
  let written: string[];
  let lines: GatheredLines;

  beforeEach(() => {
    jest.useFakeTimers();
    written = [];
    lines = new GatheredLines((text) => written.push(text));
  });
  afterEach(() => jest.useRealTimers());

  it('are written together, in their order, soon after the first', () => {
    const log = pino({ base: null }, lines).child({ role: 'api' });
    log.info('one');
    jest.advanceTimersByTime(15);
    log.info('two');
    expect(written).toEqual([]);
    jest.advanceTimersByTime(5);
    expect(written.map(messages)).toEqual([['one', 'two']]);
    log.info('three');
    jest.advanceTimersByTime(20);
    expect(written.map(messages)).toEqual([['one', 'two'], ['three']]);
  });

  it('are written at once when one of them is a warning or worse, each once', () => {
    const log = pino({ base: null }, lines).child({});
    log.info('one');
    log.warn('two');
    expect(written.map(messages)).toEqual([['one', 'two']]);
    log.error('three');
    log.info('four');
    jest.advanceTimersByTime(100);
    expect(written.map(messages)).toEqual([['one', 'two'], ['three'], ['four']]);
  });

  it('are written at once when they are many', () => {
    for (let i = 0; i < 170; i++) lines.write(`${'x'.repeat(99)}\n`);
    expect(written.map((text) => text.length)).toEqual([16_400]);
  });

  it('are written when somebody asks for it, through any child of the log', () => {
    const log = pino({ base: null }, lines).child({ role: 'api' });
    log.info('one');
    log.flush();
    expect(written.map(messages)).toEqual([['one']]);
    jest.advanceTimersByTime(100);
    expect(written).toHaveLength(1);
  });

  it('are written when the process ends, whatever ends it', () => {
    const log = JSON.stringify(join(__dirname, '../../../dist/apps/host/src/log'));
    const open = `const log = require(${log}).openLog({ level: 'info', format: 'json' }, {}, false); log.info('last');`;
    for (const end of ['', 'process.exit(0)', "setTimeout(() => { throw new Error('defect'); })"]) {
      const { stderr } = spawnSync(process.execPath, ['-e', `${open} ${end}`], { encoding: 'utf8' });
      expect([end, stderr.includes('"msg":"last"')]).toEqual([end, true]);
    }
  });
});
