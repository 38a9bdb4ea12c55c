import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { notRunReason, notRunTitle } from './notRun';
import { PROJECT_ROOT } from './shared';

interface Reporter {
  onRunComplete(contexts: unknown, results: unknown): void;
  getLastError(): Error | undefined;
}
// eslint-disable-next-line @typescript-eslint/no-require-imports
const NotRunReporter = require('./notRunReporter.js') as new (...args: unknown[]) => Reporter;

const COUNTS = {
  numPassedTests: 123,
  numFailedTests: 0,
  numPendingTests: 3,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
};
const passed = { ancestorTitles: ['graph'], title: 'holds', status: 'passed' };
const notRun = (suite: string, reason: string) => ({
  ancestorTitles: [suite],
  title: notRunTitle(reason),
  status: 'pending',
});

function report(results: object, env: object = {}): { text: string; error: Error | undefined } {
  let text = '';
  const options = { write: (chunk: string) => (text += chunk), atEnd: (print: () => void) => print(), env };
  const reporter = new NotRunReporter({}, options);
  reporter.onRunComplete(new Set(), { ...COUNTS, testResults: [], ...results });
  return { text, error: reporter.getLastError() };
}

describe('notRunReporter', () => {
  it('closes with the counts alone on the last line', () => {
    expect(report({}).text).toBe('\n123 passed, 0 failed, 4 skipped\n');
  });

  it('counts a file that does not load as a failure', () => {
    expect(report({ numFailedTests: 2, numRuntimeErrorTestSuites: 1 }).text).toContain(
      '123 passed, 3 failed, 4 skipped',
    );
  });

  it('names each suite that could not run once, in order, with the reason', () => {
    const testResults = [
      { testResults: [passed, notRun('workload', 'the folder ../shared is not there')] },
      { testResults: [notRun('broker', 'needs RabbitMQ'), notRun('broker', 'needs RabbitMQ')] },
    ];
    expect(report({ testResults }).text.trim().split('\n')).toEqual([
      'NOT RUN  broker: needs RabbitMQ',
      'NOT RUN  workload: the folder ../shared is not there',
      '123 passed, 0 failed, 4 skipped',
    ]);
  });

  it('fails the run with CI=true, and only then, when a suite could not run', () => {
    const testResults = [{ testResults: [notRun('broker', 'needs RabbitMQ')] }];
    expect(report({ testResults }).error).toBeUndefined();
    expect(report({ testResults }, { CI: 'false' }).error).toBeUndefined();
    expect(report({ testResults }, { CI: 'true' }).error).toBeInstanceOf(Error);
    expect(report({ testResults: [{ testResults: [passed] }] }, { CI: 'true' }).error).toBeUndefined();
  });

  it('does not take an ordinary skipped test for a suite that could not run', () => {
    expect(notRunReason('is skipped for now')).toBeUndefined();
    expect(notRunReason(notRunTitle('needs\n  a broker '))).toBe('needs a broker');
  });
});

describe('a run of jest', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wherefore-not-run-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function runJest(ci: string): { status: number | null; lines: string[] } {
    const support = (file: string) => JSON.stringify(path.join(PROJECT_ROOT, 'test/support', file));
    const service = `{ needs: 'a broker', available: () => false }`;
    const suite = `describeWithService('broker: confirms', ${service}, () => { it('is never collected', () => {}); });`;
    const other = `describe('sums', () => { it('adds', () => { expect(1 + 1).toBe(2); }); });`;
    writeFileSync(
      path.join(folder, 'a.spec.ts'),
      `import { describeWithService } from ${support('shared.ts')};\n${suite}`,
    );
    writeFileSync(path.join(folder, 'b.spec.ts'), other);
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { transform } = require('../../jest.config.js') as { transform: { [pattern: string]: [string, object] } };
    const swc = Object.fromEntries(
      Object.entries(transform).map(([pattern, [name, options]]) => [pattern, [require.resolve(name), options]]),
    );
    const config = {
      rootDir: folder,
      roots: [folder],
      testMatch: ['**/*.spec.ts'],
      transform: swc,
      reporters: ['default', path.join(PROJECT_ROOT, 'test/support/notRunReporter.js')],
    };
    const args = [require.resolve('jest/bin/jest'), '--config', JSON.stringify(config), '--maxWorkers', '2'];
    // Both streams in one, as a terminal shows them.
    const child = spawnSync('sh', ['-c', '"$@" 2>&1', 'sh', process.execPath, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, CI: ci },
    });
    return { status: child.status, lines: child.stdout.trimEnd().split('\n') };
  }

  it('names the suite in its last lines, and passes', () => {
    const { status, lines } = runJest('');
    expect(lines.slice(-2)).toEqual(['NOT RUN  broker: confirms: needs a broker', '1 passed, 0 failed, 1 skipped']);
    expect(status).toBe(0);
  });

  it('fails with CI=true', () => {
    const { status, lines } = runJest('true');
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
    expect(status).not.toBe(0);
  });
});
