import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestText } from '@wherefore/model';
import { compileProgram, type CompiledProgram } from '../durability/compiledProgram';
import { readLog, recordedLogs, replay, type Replayed } from './replay';

interface Expected extends Replayed {
  /** Digest of the file: a recorded log does not change. */
  readonly content: string;
  /** Recorded wrong on purpose, to prove that a mismatch is seen. */
  readonly wrong?: true;
}

const EXPECTED = join(__dirname, 'expected.json');
const WRONG = 'recorded-wrong-on-purpose@1';

const isRecording = process.env['RECORD'] === '1';
const written = isRecording && !existsSync(EXPECTED) ? '{}' : readFileSync(EXPECTED, 'utf8');
const expected = JSON.parse(written) as { [log: string]: Expected };
const logs = recordedLogs(__dirname);
if (isRecording) record();
const right = logs.filter((log) => expected[log]?.wrong !== true);

/** Adds what the logs without an expectation come to. Never changes one that is there. */
function record(): void {
  for (const log of logs.filter((each) => !(each in expected))) {
    const content = digestText(readFileSync(join(__dirname, `${log}.ndjson`), 'utf8'));
    const { hash, effects } = replay(readLog(__dirname, log));
    expected[log] =
      log === WRONG ? { content, hash: '0'.repeat(hash.length), effects, wrong: true } : { content, hash, effects };
  }
  const sorted = Object.fromEntries(Object.entries(expected).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(EXPECTED, `${JSON.stringify(sorted, null, 2)}\n`);
}

function whatIsExpected(log: string): Replayed {
  return { hash: expected[log]!.hash, effects: expected[log]!.effects };
}

describe('the replay corpus', () => {
  it('has an expectation for each log, and a log for each expectation', () => {
    expect(Object.keys(expected).sort()).toEqual(logs);
    expect(right.length).toBeGreaterThanOrEqual(6);
    expect(logs.length).toBe(right.length + 1);
  });

  it.each(logs)('%s is what was recorded', (log) => {
    expect(digestText(readFileSync(join(__dirname, `${log}.ndjson`), 'utf8'))).toBe(expected[log]!.content);
  });

  it.each(right)('%s comes to the same state and effects as when it was recorded', (log) => {
    const entries = readLog(__dirname, log);
    expect(replay(entries)).toEqual(whatIsExpected(log));
    expect(replay(entries, Math.ceil(entries.length / 25))).toEqual(whatIsExpected(log));
  });

  it.each(logs.filter((log) => !right.includes(log)))('%s is found to be wrong', (log) => {
    const replayed = replay(readLog(__dirname, log));
    expect(replayed.effects).toBe(expected[log]!.effects);
    expect(replayed.hash).not.toBe(expected[log]!.hash);
  });
});

describe('the replay corpus elsewhere', () => {
  let program: CompiledProgram;
  beforeAll(() => {
    program = compileProgram(join(__dirname, 'replay.ts'));
  });
  afterAll(() => program.remove());

  it.each([
    ['Asia/Kolkata', 'en_IN.UTF-8', -330],
    ['America/St_Johns', 'tr_TR.UTF-8', 210],
    ['UTC', 'C', 0],
  ])('comes to the same in the zone %s with the locale %s', (zone, locale, offsetMinutes) => {
    const env = { PATH: process.env['PATH'], TZ: zone, LANG: locale, LC_ALL: locale };
    const child = spawnSync(process.execPath, [program.path, __dirname], { env, encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(child.stderr).toBe('');
    const answer = JSON.parse(child.stdout) as {
      results: { [log: string]: Replayed };
      offsetMinutes: number;
      locale: string;
    };
    expect(answer.offsetMinutes).toBe(offsetMinutes);
    if (locale !== 'C') expect(answer.locale).toBe(locale.slice(0, 5).replace('_', '-'));
    for (const log of right) expect([log, answer.results[log]]).toEqual([log, whatIsExpected(log)]);
  });
});
