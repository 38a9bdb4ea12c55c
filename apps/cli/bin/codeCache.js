const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

/**
 * What V8 made of the modules that a question loads, kept from the build: a command is over before their code would
 * have been compiled well, and finding and compiling them was a fifth of it. `build/codeCache.js` writes the file.
 * A module that is not in it, or not the same any more, loads as ever. So do all under another Node, or other flags.
 *
 * In the file: the length of the index, the index, then sources and code, to which it points.
 */
const ROOT = path.resolve(__dirname, '../../..');
const FILE = path.join(ROOT, 'dist/codeCache.bin');
const PACKAGES = path.join(ROOT, 'node_modules');
const BYTES_OF_LENGTH = 4;

/** Whoever compiles for the cache, and whoever takes from it, has to say the same. @param {string} filename */
function scriptOptions(filename) {
  const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return { filename, columnOffset: -Module.wrapper[0].length, importModuleDynamically };
}

/** Runs a module's script. @param {vm.Script} script @param {Module} module @param {NodeJS.Require} require */
function run(script, module, require) {
  const { filename } = module;
  script.runInThisContext().call(module.exports, module.exports, require, module, filename, path.dirname(filename));
}

/** Loads a module and what it requires. @param {string} file */
function load(file) {
  const cache = read();
  if (cache === undefined) return require(file);
  return cache.load(path.relative(ROOT, file).split(path.sep).join('/')) ?? require(file);
}

/** The cache, if it serves this very Node. */
function read() {
  try {
    // Else what was loaded as ever would load the same packages once more, under the names of where they really are.
    if (fs.realpathSync.native(PACKAGES) !== PACKAGES) return undefined;
    const bytes = fs.readFileSync(FILE);
    const start = BYTES_OF_LENGTH + bytes.readUInt32LE(0);
    const { tag, modules } = JSON.parse(bytes.toString('utf8', BYTES_OF_LENGTH, start));
    return tag === v8.cachedDataVersionTag() ? new CodeCache(bytes.subarray(start), modules) : undefined;
  } catch {
    return undefined;
  }
}

class CodeCache {
  /** @param {Buffer} bytes @param {object} modules what there is of each, by its place below the root */
  constructor(bytes, modules) {
    this.bytes = bytes;
    this.modules = modules;
  }

  /** What a module exports; `undefined` when it has to be loaded as ever. @param {string} name */
  load(name) {
    const known = this.modules[name];
    if (known === undefined) return undefined;
    const filename = path.join(ROOT, name);
    const loaded = Module._cache[filename];
    if (loaded !== undefined) return loaded.exports;
    const script = this.compile(known, filename);
    if (script === undefined) return undefined;
    const module = new Module(filename, null);
    module.filename = filename;
    Module._cache[filename] = module;
    try {
      run(script, module, this.requireFor(known.requires, filename));
      module.loaded = true;
      return module.exports;
    } finally {
      if (!module.loaded) delete Module._cache[filename];
    }
  }

  compile({ source, code }, filename) {
    const [bytes, cachedData] = [this.slice(source), this.slice(code)];
    if (!isContentOf(filename, bytes)) return undefined;
    return new vm.Script(Module.wrap(bytes.toString('utf8')), { ...scriptOptions(filename), cachedData });
  }

  slice([start, length]) {
    return this.bytes.subarray(start, start + length);
  }

  /** `require` for one module. @param {object} requires names of modules, by what it calls them */
  requireFor(requires, filename) {
    let ordinary;
    const own = () => (ordinary ??= Module.createRequire(filename));
    const requireOne = (id) => {
      if (Module.isBuiltin(id)) return require(id);
      return (requires[id] === undefined ? undefined : this.load(requires[id])) ?? own()(id);
    };
    const resolve = (id, options) => own().resolve(id, options);
    return Object.assign(requireOne, { resolve, cache: Module._cache, main: require.main });
  }
}

function isContentOf(filename, bytes) {
  try {
    return fs.readFileSync(filename).equals(bytes);
  } catch {
    return false;
  }
}

module.exports = { BYTES_OF_LENGTH, FILE, ROOT, load, run, scriptOptions };
