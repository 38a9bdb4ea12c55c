const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { makeLate } = require('../../build/lateLoading.js');

/**
 * jest's global setup. Some tests run the built program (a process to kill, a worker thread), so `dist` must
 * be as new as the sources. `npm ci` builds it; this builds again, incrementally, when a source is newer.
 *
 * The pure floors are tested from their sources alone. A run narrowed to them skips the build. Any other
 * narrowed run goes on when the sources do not compile, so that one part can be worked on while another is
 * in pieces; a run of everything does not.
 */

const ROOT = path.resolve(__dirname, '../..');
const DIST = path.join(ROOT, 'dist');
const BUILD_INFO = path.join(DIST, '.tsbuildinfo');
/** Touched after a build, because tsc leaves outputs alone whose text does not change. */
const STAMP = path.join(DIST, '.built');
const CODE = path.join(DIST, 'codeCache.bin');

const RUNS_FROM_SOURCE =
  /(^|\/)libs\/(model|graph|templates|datasources|evaluator|engine|contract|ports)\b|test\/(tidy|support)\b/;

module.exports = function buildIfStale(globalConfig) {
  const patterns = globalConfig.testPathPatterns?.patterns ?? [];
  const isNarrowed = patterns.length > 0;
  if (isNarrowed && patterns.every((pattern) => RUNS_FROM_SOURCE.test(pattern))) return;
  const reason = staleness();
  // The compiler alone may have built it.
  if (reason === undefined) {
    makeLate();
    return keepCode();
  }
  process.stderr.write(`Building: ${reason}.\n`);
  let faults = build();
  // tsc trusts its build info. Where outputs are gone, it has to forget what it knows.
  if (faults === undefined && staleness() !== undefined) {
    fs.rmSync(BUILD_INFO, { force: true });
    faults = build();
  }
  if (faults === undefined) return keepCode();
  if (!isNarrowed) throw new Error(`The sources do not compile:\n${faults}`);
  process.stderr.write(`The sources do not compile; going on with what there is:\n${faults}\n`);
};

/** What the compiler found wrong, or `undefined`. */
function build() {
  const tsc = require.resolve('typescript/bin/tsc');
  const child = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, encoding: 'utf8' });
  if (child.status !== 0) return child.stdout.split('\n').slice(0, 20).join('\n') + child.stderr;
  makeLate();
  fs.writeFileSync(STAMP, '');
  return undefined;
}

/** What the build does last: the code of an earlier one serves its modules no more. */
function keepCode() {
  if (modifiedMs(CODE) < builtAtMs()) spawnSync(process.execPath, [path.join(ROOT, 'build/codeCache.js')]);
}

function builtAtMs() {
  return Math.max(modifiedMs(STAMP), modifiedMs(BUILD_INFO));
}

/** Why `dist` cannot be used as it is, or `undefined`. O(files). */
function staleness() {
  const builtMs = builtAtMs();
  if (builtMs === 0) return 'nothing is built yet';
  for (const top of ['libs', 'apps', 'bench']) {
    for (const source of sources(path.join(ROOT, top))) {
      const name = path.relative(ROOT, source);
      if (modifiedMs(source) > builtMs) return `${name} is newer than the build`;
      if (!fs.existsSync(path.join(DIST, name.replace(/\.ts$/, '.js')))) return `${name} is not built`;
    }
  }
  return undefined;
}

/** The files that tsconfig.build.json compiles. */
function* sources(folder) {
  if (!fs.existsSync(folder)) return;
  for (const item of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, item.name);
    if (item.isDirectory() && item.name !== 'node_modules') yield* sources(full);
    else if (/(?<!\.d|\.spec|\.conformance)\.ts$/.test(item.name)) yield full;
  }
}

function modifiedMs(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
