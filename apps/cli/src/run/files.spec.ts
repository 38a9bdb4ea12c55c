import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import { linesOf } from './eventLines';
import { readTemplateFiles } from './templateFiles';
import { formatVerdict, validateFiles } from './validateFiles';

const STANDARD = `metadata:
  version: 3
  name: NAME
  type: standard
entities:
  alarm: {category: ALARM, type: nagios, name: Down}
  host: {category: RESOURCE, type: nova.host}
scenarios:
- condition: alarm [on] host
  actions:
  - set_state: {state: ERROR, target: host}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wherefore-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof WhereforeError) return `${error.code}: ${error.message}`;
  }
  return 'none';
}

describe('lines of an event file', () => {
  it('are numbered, blank ones left out, the last one without its end', () => {
    const file = write('e.ndjson', 'a\n\n  \r\nb\r\nc');
    expect([...linesOf(file)]).toEqual([
      { text: 'a', number: 1 },
      { text: 'b', number: 4 },
      { text: 'c', number: 5 },
    ]);
  });

  it('are whole however long the file is', () => {
    const text = Array.from({ length: 30_000 }, (_, i) => `${i} ${'ä€🙂'.repeat(8)}`);
    const file = write('long.ndjson', `${text.join('\n')}\n`);
    expect([...linesOf(file)].map((line) => line.text)).toEqual(text);
  });

  it('of an empty file are none', () => {
    expect([...linesOf(write('empty', ''))]).toEqual([]);
  });

  it('of a file that is not there fail with its name', () => {
    expect(codeOf(() => [...linesOf(join(folder, 'none'))])).toMatch(
      /^file-unreadable: .*none cannot be read: it does not/,
    );
    expect(codeOf(() => [...linesOf(folder)])).toMatch(/it is a folder$/);
  });
});

describe('template files', () => {
  it('of a folder come by name, without parameters, other files and folders', () => {
    write('b.yaml', STANDARD);
    write('a.yml', STANDARD);
    write('notes.txt', '');
    write('params.yaml', 'a.yml: {x: 1}\n');
    mkdirSync(join(folder, 'inner'));
    const files = readTemplateFiles([folder]);
    expect(files.map(({ source }) => source.path)).toEqual(['a.yml', 'b.yaml']);
    expect(files.map(({ source }) => source.parameters)).toEqual([{ x: '1' }, undefined]);
  });

  it('get a type only where they have none', () => {
    write('typed.yaml', STANDARD);
    write('plain.yaml', 'metadata: {name: p}\nscenarios: []\n');
    write('equal.yaml', 'metadata: {name: e}\nequivalences: []\n');
    write('broken.yaml', 'metadata: [');
    expect(readTemplateFiles([folder]).map(({ source }) => [source.path, source.type])).toEqual([
      ['broken.yaml', undefined],
      ['equal.yaml', 'equivalence'],
      ['plain.yaml', 'standard'],
      ['typed.yaml', undefined],
    ]);
  });

  it('take their parameters also when named one by one', () => {
    write('params.yaml', 'a.yaml:\n  name: on\n');
    const [file] = readTemplateFiles([write('a.yaml', STANDARD)]);
    expect(file?.source.parameters).toEqual({ name: 'on' });
  });

  it('cannot come from a folder without any, or from parameters that are no YAML', () => {
    expect(codeOf(() => readTemplateFiles([folder]))).toMatch(/^file-unreadable: .* contains no templates$/);
    write('params.yaml', 'a: [');
    write('a.yaml', STANDARD);
    expect(codeOf(() => readTemplateFiles([folder]))).toMatch(/^file-unreadable: .*params.yaml:\d+:\d+: /);
  });
});

describe('validation', () => {
  it('says file, line and column, as a compiler does', () => {
    const file = write('bad.yaml', STANDARD.replace('[on] host', '[on] nobody').replace('NAME', 'bad'));
    write('good.yaml', STANDARD.replace('NAME', 'good'));
    const verdicts = validateFiles(readTemplateFiles([folder]));
    expect(verdicts.map(({ isValid, name }) => [name, isValid])).toEqual([
      ['bad', false],
      ['good', true],
    ]);
    expect(formatVerdict(verdicts[0]!)).toMatch(new RegExp(`^${file}:9:\\d+: .+ \\(code \\d+\\)`));
  });

  it('refuses two templates of one name', () => {
    write('a.yaml', STANDARD);
    write('b.yaml', STANDARD);
    expect(validateFiles(readTemplateFiles([folder])).map(({ isValid }) => isValid)).toEqual([true, false]);
  });
});
