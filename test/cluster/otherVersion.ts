import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROJECT_ROOT } from '../support/projectRoot';

/** The build of a next version, in a folder of its own. */
export interface OtherVersion {
  readonly version: string;
  /** Of `wherefore`, from the root of the project. */
  readonly program: string;
  /** Of its snapshots, as their headers have it. */
  readonly snapshotFormat: number;
  /** Of the tables in the database. */
  readonly schema: number;
  remove(): void;
}

export interface Changes {
  /** Whether it brings the tables to a version of its own. */
  readonly ofSchema?: boolean;
}

const VERSION = '99.0.0';
const NEXT_TABLES = ['history_alarms', 'history_changes', 'archive_pages', 'outbox_rows', 'processes', 'leases'].map(
  (table) => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS said_by_the_next VARCHAR(16)`,
);

/**
 * Copies the build, and changes in it what a next version changes: its number, the format of its snapshots, how a state is
 * hashed, and the tables when they are to be changed: a column more in those that processes write most. The packages of others are shared; ours are those of the copy.
 */
export function buildOtherVersion({ ofSchema = false }: Changes = {}): OtherVersion {
  const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-next-'));
  const at = (name: string): string => path.join(folder, name);
  cpSync(path.join(PROJECT_ROOT, 'dist'), at('dist'), { recursive: true });
  for (const top of ['apps', 'libs']) {
    cpSync(path.join(PROJECT_ROOT, top), at(top), {
      recursive: true,
      filter: (source) => path.basename(source) !== 'src' && path.basename(source) !== 'node_modules',
    });
  }
  const modules = path.join(PROJECT_ROOT, 'node_modules');
  mkdirSync(at('node_modules/@wherefore'), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (name !== '@wherefore') symlinkSync(path.join(modules, name), at(`node_modules/${name}`));
  }
  for (const name of readdirSync(path.join(modules, '@wherefore'))) {
    const [place] = ['libs', 'libs/adapters', 'apps'].filter((each) => readdirSync(at(each)).includes(name));
    symlinkSync(at(`${place}/${name}`), at(`node_modules/@wherefore/${name}`));
  }
  const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as object;
  writeFileSync(at('package.json'), JSON.stringify({ ...manifest, version: VERSION }));
  const format = Number(/exports\.SNAPSHOT_FORMAT = (\d+);/.exec(textOf(at('dist/libs/engine/src/snapshot.js')))![1]);
  change(
    at('dist/libs/engine/src/snapshot.js'),
    /exports\.SNAPSHOT_FORMAT = \d+;/,
    `exports.SNAPSHOT_FORMAT = ${format + 1};`,
  );
  change(at('dist/libs/engine/src/stateHash.js'), /mixer\.start\(41\)/, 'mixer.start(42)');
  const schema = at('dist/libs/adapters/mariadb/src/schema.js');
  const migrations = /const MIGRATIONS = \[([^\]]*)\];/;
  const count = migrations.exec(textOf(schema))![1]!.split(',').length;
  if (ofSchema) change(schema, migrations, `const MIGRATIONS = [$1, ${JSON.stringify(NEXT_TABLES)}];`);
  return {
    schema: ofSchema ? count + 1 : count,
    version: VERSION,
    program: path.relative(PROJECT_ROOT, at('apps/cli/bin/wherefore.js')),
    snapshotFormat: (format + 1) * 100 + 1,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Fails where there is nothing to change: then the copy would be no other version. */
function change(file: string, from: RegExp, to: string): void {
  const text = textOf(file);
  if (!from.test(text)) throw new Error(`${file} has nothing like ${from}`);
  writeFileSync(file, text.replace(from, to));
}
