import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ADAPTER_NAMES, adapter, selectedAdapters } from './registry';

describe('the registry of adapters', () => {
  it('lists every folder of libs/adapters: an adapter whose suite does not run does not exist', () => {
    const folders = readdirSync(join(__dirname, '../../libs/adapters'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(ADAPTER_NAMES).toEqual(expect.arrayContaining(folders));
    expect(ADAPTER_NAMES).toContain('memory');
  });

  it('throws on a name that it does not know', () => {
    expect(() => adapter('sqlight')).toThrow('"sqlight" is no adapter');
    expect(() => adapter('toString')).toThrow('is no adapter');
    expect(() => selectedAdapters('memory,sqlight')).toThrow('"sqlight"');
    expect(() => selectedAdapters('')).toThrow('is no adapter');
  });

  it('selects all unless told otherwise', () => {
    expect(selectedAdapters(undefined)).toEqual(expect.arrayContaining(['memory', 'sqlite']));
    expect(selectedAdapters('sqlite')).toEqual(['sqlite']);
  });
});
