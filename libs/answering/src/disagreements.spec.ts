import type { PostedReport, ProcessReport } from '@wherefore/ports';
import { reportOf } from '../../ports/src/conformance/processBoard.conformance';
import { describeProcesses } from './processes';

const place = { epoch: 1, offset: 42, index: 0 };

function troublesOf(...changes: readonly Partial<ProcessReport>[]): readonly string[] {
  const posted = changes.map((change, i): PostedReport => ({ report: reportOf(`p${i}`, change), silentMs: 0 }));
  return describeProcesses(posted, 'distributed', 0).troubles.filter((text) => text.includes('different states'));
}

describe('states of processes, as they say themselves', () => {
  it('are compared where two stand at the same place', () => {
    const [said, ...others] = troublesOf(
      { role: 'processor', pid: 11, host: 'a', position: place, stateHash: 'one' },
      { role: 'api', pid: 12, host: 'b', position: place, stateHash: 'two' },
      { role: 'api', pid: 13, host: 'b', position: place, stateHash: 'one' },
    );
    expect(said).toMatch(/^processor 11 on a and api 12 on b hold different states at 1\.42\.0: /);
    expect(others).toEqual([]);
  });

  it('are not compared where they stand at different places, or hold none', () => {
    expect(
      troublesOf(
        { position: place, stateHash: 'one' },
        { position: { ...place, offset: 43 }, stateHash: 'two' },
        { position: place },
      ),
    ).toEqual([]);
  });
});
