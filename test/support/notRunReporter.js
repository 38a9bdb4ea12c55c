const { notRunReason } = require('./notRun.js');

/**
 * The last lines of every test run: the suites that could not run, each with its reason, then the counts on
 * a line of their own. With CI=true a suite that could not run fails the run, because there everything that
 * the tests need is supposed to be at hand.
 */
class NotRunReporter {
  /** `options` are there for the tests: where the lines go, at which moment, and under which environment. */
  constructor(_globalConfig, options = {}) {
    this.write = options.write ?? ((text) => process.stdout.write(text));
    // jest's own summary comes after every reporter, so these lines wait until the process ends.
    this.atEnd = options.atEnd ?? ((print) => process.once('exit', print));
    this.env = options.env ?? process.env;
    this.error = undefined;
  }

  onRunComplete(_contexts, results) {
    const suites = suitesNotRun(results);
    const lines = suites.map(({ suite, reason }) => `NOT RUN  ${suite}: ${reason}`);
    if (suites.length > 0 && this.env.CI === 'true') {
      this.error = new Error(`${suites.length} suites could not run, which is a failure with CI=true`);
      lines.push('With CI=true a suite that could not run is a failure.');
    }
    lines.push(closingLine(results));
    this.atEnd(() => this.write(`\n${lines.join('\n')}\n`));
  }

  /** jest fails the run when a reporter has an error. */
  getLastError() {
    return this.error;
  }
}

/** `[{ suite, reason }]`, each suite once, in code-unit order. */
function suitesNotRun(results) {
  const reasons = new Map();
  for (const file of results.testResults) {
    for (const test of file.testResults) {
      const reason = notRunReason(test.title);
      if (reason !== undefined) reasons.set(test.ancestorTitles.join(' '), reason);
    }
  }
  return [...reasons].map(([suite, reason]) => ({ suite, reason })).sort((a, b) => (a.suite < b.suite ? -1 : 1));
}

/** A file that did not even load counts as one failure. */
function closingLine(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
}

module.exports = NotRunReporter;
