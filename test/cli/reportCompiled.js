// Preloaded by codeCache.spec.ts: says on the last line of stdout which modules Node's own loader has compiled.
const Module = require('node:module');
const compiled = [];
const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename) {
  compiled.push(filename);
  return compile.call(this, content, filename);
};
process.on('exit', () => process.stdout.write(`\n${JSON.stringify(compiled)}`));
