const fs = require('node:fs');
const path = require('node:path');

/**
 * What the compiler wrote, made to load late. A command that asks one question needs a third of what there is, and
 * loading the rest took longer than most answers. Runs after the compiler; without it everything works, only later.
 *
 * - The face of a library (`index.js`) loads a module when somebody first uses a name of it, not all of them at once.
 * - Where every step uses its names, a face loads its modules at once and bears the names as plain properties. As getters,
 *   of which the compiler makes a dictionary, each use was a look-up and a call that no compiler sees through.
 * - `import()` of our own modules becomes `require`: it would start Node's loader of ES modules, which reads every file twice.
 *
 * Lines stay where they are, so stack traces do. What is late already stays as it is.
 */

const DIST = path.resolve(__dirname, '../dist');
/** As the compiler writes `export { name } from './module'`. */
const EAGER = /^var (\w+) = require\(("[^"]+")\);$/gm;
const USE = /get: function \(\) \{ return (\w+)\.(\w+); \} \}\);$/gm;
const IMPORT = /\bimport\(('(?:\.{1,2}\/|@wherefore\/)[^']+')\)/g;

/** @param {string} text of a built index.js @returns {string} */
function withLateExports(text) {
  const names = new Set();
  const declared = text.replace(EAGER, (_, name, module) => {
    names.add(name);
    return `var ${name}_loaded; const ${name} = () => (${name}_loaded ??= require(${module}));`;
  });
  return declared.replace(USE, (use, name, property) =>
    names.has(name) ? `get: function () { return ${name}().${property}; } });` : use,
  );
}

/** As the compiler prepares a face: it would make of each name a property that changes. */
const PREPARED = /^exports\.\w+ = .*void 0;$/m;
const GETTER =
  /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+\.\w+); \} \}\);$/gm;

/** Nothing that our modules export ever changes. @param {string} text of a built index.js @returns {string} */
function withPlainExports(text) {
  return text.replace(PREPARED, '').replace(GETTER, 'exports.$1 = $2;');
}

/** @param {string} text @returns {string} */
function withoutImports(text) {
  return text.replace(IMPORT, 'Promise.resolve().then(() => require($1))');
}

/** What every step passes through: there the call that each late name is costs a replay a fifth of its speed. */
const HOT = ['model', 'graph', 'evaluator'];

function hotFaces() {
  return HOT.map((name) => path.join(DIST, 'libs', name, 'src/index.js')).filter((file) => fs.existsSync(file));
}

/** The faces of libraries and adapters, and of what every process shares. */
function faces() {
  const foldersIn = (folder) => fs.readdirSync(path.join(DIST, folder)).map((name) => path.join(DIST, folder, name));
  const folders = foldersIn('libs').filter((folder) => !HOT.includes(path.basename(folder)));
  return [...folders, ...foldersIn('libs/adapters'), path.join(DIST, 'apps/host')]
    .map((folder) => path.join(folder, 'src/index.js'))
    .filter((file) => fs.existsSync(file));
}

/** @returns {string[]} */
function filesOfTheCommand() {
  const folder = path.join(DIST, 'apps/cli/src');
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.js')).map((file) => path.join(folder, file));
}

function rewrite(files, change) {
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8');
    const changed = change(text);
    if (changed !== text) fs.writeFileSync(file, changed);
  }
}

function makeLate() {
  rewrite(faces(), withLateExports);
  rewrite(hotFaces(), withPlainExports);
  rewrite(filesOfTheCommand(), withoutImports);
}

module.exports = { makeLate };
if (require.main === module) makeLate();
