// Preloaded by loadedModules.spec.ts: says on the last line of stderr which modules the process has loaded.
process.on('exit', () => process.stderr.write(`\n${JSON.stringify(Object.keys(require.cache))}`));
