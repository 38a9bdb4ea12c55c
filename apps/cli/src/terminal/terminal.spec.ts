import { ERROR_CODES, type ErrorCode, WhereforeError } from '@wherefore/model';
import { EXIT, exitCodeOf } from './exitCodes';
import { recordingTerminal } from './recordingTerminal.sim';
import { reportFailure } from './reportFailure';
import { formatTable } from './table';
import { clip, count, flow, formatNumber, plain, widthOf } from './text';

describe('a terminal', () => {
  it('keeps data and remarks apart', () => {
    const { terminal, out, err } = recordingTerminal();
    terminal.data('rows');
    terminal.note('remark');
    terminal.json({ a: 1 });
    expect(out()).toBe('rows\n{\n  "a": 1\n}\n');
    expect(err()).toBe('remark\n');
  });

  it('has colours in a window, and nowhere else', () => {
    const red = (options: Parameters<typeof recordingTerminal>[0]): string =>
      recordingTerminal(options).terminal.paint.red('x');
    expect(red({ isTTY: true })).toBe('\u001b[31mx\u001b[39m');
    expect(red({ isTTY: false })).toBe('x');
    expect(red({ isTTY: true, env: { NO_COLOR: '1' } })).toBe('x');
    expect(red({ isTTY: true, env: { TERM: 'dumb' } })).toBe('x');
    expect(red({ isTTY: true, env: { NO_COLOR: '' } })).not.toBe('x');
  });

  it('shows progress of long work in one line, and takes it away before it says anything else', () => {
    let now = 0;
    const { terminal, err } = recordingTerminal({ isTTY: true, nowMs: () => now });
    terminal.progress(() => 'too early');
    now = 400;
    terminal.progress(() => 'half');
    terminal.progress(() => 'too soon');
    terminal.note('done');
    expect(err().replaceAll('\u001b', '')).toBe('\r[2K[2mhalf[22m\r[2Kdone\n');
  });

  it('shows progress every few seconds where there is no window', () => {
    let now = 0;
    const { terminal, err } = recordingTerminal({ nowMs: () => now });
    for (now = 0; now < 7_000; now += 500) terminal.progress(() => `at ${now}`);
    expect(err()).toBe('at 3000\nat 6000\n');
  });
});

describe('exit codes', () => {
  it('tell usage, what is not found, and what is ambiguous from every other failure', () => {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    const byExit = (exit: number): string[] => codes.filter((code) => exitCodeOf(code) === exit);
    expect(byExit(EXIT.usage)).toEqual(
      ['invalid-position', 'invalid-time', 'bad-request', 'usage'].sort(inOrder(codes)),
    );
    expect(byExit(EXIT.notFound)).toEqual(
      ['unknown-template', 'before-first-entry', 'alarm-not-found', 'alarm-known-later', 'entity-not-found'].sort(
        inOrder(codes),
      ),
    );
    expect(byExit(EXIT.ambiguous)).toEqual(['alarm-ambiguous']);
    expect(byExit(EXIT.ok)).toEqual([]);
  });
});

function inOrder(codes: readonly string[]): (a: string, b: string) => number {
  return (a, b) => codes.indexOf(a) - codes.indexOf(b);
}

describe('a failure', () => {
  it("says what is wrong, what else could be meant, and what to do, in the caller's time", () => {
    const { terminal, err } = recordingTerminal();
    const error = new WhereforeError('alarm-ambiguous', '2 alarms answer to "Down" at 2026-11-21T17:26:59.999Z', {
      hint: 'Ask for one of them.',
      data: {
        count: 3,
        candidates: [
          { alarm: 'Down@vm-1', id: 'a1', severity: 'CRITICAL', since: '2026-11-21T17:21:00Z' },
          { alarm: 'Down@vm-2', id: 'a2', severity: 'WARNING', since: '2026-11-21T17:22:00Z' },
        ],
      },
    });
    expect(reportFailure(error, terminal)).toBe(EXIT.ambiguous);
    const lines = err().trimEnd().split('\n');
    expect(lines[0]).not.toContain('17:26:59.999Z');
    expect(lines[1]).toMatch(/^ {2}CRITICAL {2}Down@vm-1 {2}since .*:\d1:00 .* a1$/);
    expect(lines[2]).toMatch(/^ {2}WARNING {3}Down@vm-2 {2}since .*:\d2:00 .* a2$/);
    expect(lines.slice(3)).toEqual(['  … 1 more', 'Ask for one of them.']);
  });

  it('of the program itself shows where it happened', () => {
    const { terminal, err } = recordingTerminal();
    expect(reportFailure(new TypeError('x is undefined'), terminal)).toBe(EXIT.failure);
    expect(err()).toContain('a defect of Wherefore');
    expect(err()).toContain('terminal.spec');
  });
});

describe('text', () => {
  it('of a source cannot move the cursor, change colours, break lines or turn the direction', () => {
    expect(plain('a\u001b[31mb\r\nc\u0007d\u009be\u202ef')).toBe('a [31mb c d e f');
    expect(plain('Überlast ≥ 90 %')).toBe('Überlast ≥ 90 %');
  });

  it('is cut visibly, and counted without colours', () => {
    expect(clip('compute-01', 6)).toBe('compu…');
    expect(clip('compute', 7)).toBe('compute');
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3);
  });

  it('counts in words', () => {
    expect(count(1, 'entry', 'entries')).toBe('1 entry');
    expect(count(1234567, 'alarm')).toBe('1 234 567 alarms');
    expect(formatNumber(999)).toBe('999');
  });

  it('flows in lines of a width', () => {
    expect(flow(['aaa', 'bbb', 'ccc'], ' → ', 11, '  ')).toEqual(['aaa → bbb →', '  ccc']);
    expect(flow([], ' · ', 10, '')).toEqual([]);
  });
});

describe('a table', () => {
  const rows = [
    { name: 'a\nb', state: 'OK', id: 'x'.repeat(30) },
    { name: 'a long name that does not fit', state: '', id: 'y' },
  ];

  it('aligns what it shows, without control characters and without columns that are empty', () => {
    const { terminal } = recordingTerminal();
    const table = formatTable(
      rows,
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'NONE', value: () => '' },
        { title: 'STATE', value: ({ state }) => state, align: 'right' },
      ],
      terminal,
    );
    expect(table.split('\n')).toEqual([
      'NAME                           STATE',
      'a b                               OK',
      'a long name that does not fit',
    ]);
  });

  it('leaves out optional columns, then cuts flexible ones, to fit a window; never in a pipe', () => {
    const columns = [
      { title: 'NAME', value: ({ name }: (typeof rows)[0]) => name, isFlexible: true },
      { title: 'STATE', value: ({ state }: (typeof rows)[0]) => state },
      { title: 'ID', value: ({ id }: (typeof rows)[0]) => id, isOptional: true },
    ];
    const narrow = formatTable(
      rows,
      columns,
      recordingTerminal({ isTTY: true, columns: 30, env: { NO_COLOR: '1' } }).terminal,
    );
    expect(narrow).not.toContain('ID');
    expect(formatTable(rows, columns, recordingTerminal({ columns: 30 }).terminal)).toContain('x'.repeat(30));
  });
});
