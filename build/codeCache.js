const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const Module = require('node:module');
const os = require('node:os');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');
const { BYTES_OF_LENGTH, FILE, ROOT, run, scriptOptions } = require('../apps/cli/bin/codeCache.js');

/**
 * Writes what `apps/cli/bin/codeCache.js` reads. Commands that ask a store of the example cloud are run, each as it
 * would be, and what V8 has compiled by then is kept. Runs last in the build.
 */
const dist = (name) => path.join(ROOT, 'dist', name);
const PROGRAM = path.join(ROOT, 'apps/cli/bin/wherefore.js');
/** The code is good for these flags only. */
const FLAGS = fs
  .readFileSync(PROGRAM, 'utf8')
  .split('\n', 1)[0]
  .split(' ')
  .slice(1)
  .filter((word) => word.startsWith('--'));
const NOW_MS = Date.UTC(2026, 0, 2, 12);
const QUIET = { write: () => true, isTTY: false, columns: 80 };
const SURROUNDINGS = { stdout: QUIET, stderr: QUIET, env: {}, cwd: os.tmpdir(), nowMs: () => NOW_MS };

/** Makes the example's store, with a snapshot to begin from. @param {string} folder @returns {Promise<number>} when it failed */
async function makeStore(folder) {
  const { prepareExample } = require(dist('apps/cli/src/serving/exampleStore.js'));
  const { Terminal } = require(dist('apps/cli/src/terminal/terminal.js'));
  const { engineMachine, packSnapshot, Replayer } = require(dist('libs/runtime/src/index.js'));
  const { openStore } = require(dist('libs/adapters/sqlite/src/index.js'));
  const { failureAtMs } = await prepareExample(folder, true, new Terminal(SURROUNDINGS));
  const store = await openStore({ folder, writer: 'inline' });
  const { state } = await new Replayer(engineMachine, store).materialise({ atMs: failureAtMs - 60_000 });
  const { header, bytes } = await packSnapshot(engineMachine, state, NOW_MS);
  await store.snapshots.save(header, bytes);
  await store.close();
  return failureAtMs;
}

/** Runs the commands, and keeps what was compiled. @param {string} folder @param {string} at */
async function record(folder, at) {
  const recorded = recordModules();
  process.argv = [process.execPath, PROGRAM, '--version'];
  const { runCommandLine } = require(dist('apps/cli/src/main.js'));
  for (const command of [['--help'], ...questions(folder, at)]) {
    const code = await runCommandLine(command, SURROUNDINGS);
    if (code !== 0) throw new Error(`wherefore ${command.join(' ')} ends with ${code}`);
  }
  write(recorded);
}

function questions(folder, at) {
  const of = (...words) => [...words, '--at', at, '--store', folder];
  return [
    of('alarms'),
    of('resources'),
    of('topology', '--json'),
    of('why', 'Host down'),
    of('why', 'Host down', '--json'),
  ];
}

/** From now on every module is compiled as one that is kept. */
function recordModules() {
  const recorded = new Map();
  Module.prototype._compile = function (content, filename) {
    const script = new vm.Script(Module.wrap(content), scriptOptions(filename));
    const requires = {};
    recorded.set(filename, { script, content, requires });
    const ordinary = Module.createRequire(filename);
    const requireOne = (id) => {
      requires[id] = ordinary.resolve(id);
      return this.require(id);
    };
    run(script, this, Object.assign(requireOne, ordinary));
  };
  return recorded;
}

function write(recorded) {
  const parts = [];
  let length = 0;
  const place = (bytes) => {
    parts.push(bytes);
    length += bytes.length;
    return [length - bytes.length, bytes.length];
  };
  const modules = {};
  const nameOf = (filename) => path.relative(ROOT, filename).split(path.sep).join('/');
  for (const [filename, { script, content, requires }] of recorded) {
    const required = Object.entries(requires).filter(([, each]) => recorded.has(each));
    modules[nameOf(filename)] = {
      source: place(Buffer.from(content)),
      code: place(script.createCachedData()),
      requires: Object.fromEntries(required.map(([request, each]) => [request, nameOf(each)])),
    };
  }
  const index = Buffer.from(JSON.stringify({ tag: v8.cachedDataVersionTag(), modules }));
  const indexLength = Buffer.alloc(BYTES_OF_LENGTH);
  indexLength.writeUInt32LE(index.length);
  // In one go: a command that runs meanwhile must not find half of it.
  fs.writeFileSync(`${FILE}.new`, Buffer.concat([indexLength, index, ...parts]));
  fs.renameSync(`${FILE}.new`, FILE);
}

async function main() {
  fs.rmSync(FILE, { force: true });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wherefore-code-'));
  try {
    const failureAtMs = await makeStore(path.join(folder, 'store'));
    const at = new Date(failureAtMs + 60_000).toISOString();
    // A process of its own, for this one has loaded modules already.
    execFileSync(process.execPath, [...FLAGS, __filename, path.join(folder, 'store'), at], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const [folder, at] = process.argv.slice(2);
void (folder === undefined ? main() : record(folder, at));
