import { describeProcesses } from '@wherefore/answering';
import type { ProcessesAnswer } from '@wherefore/contract';
import type { Metrics } from '@wherefore/host';
import { compareReports, type Clock, type PostedReport, type ProcessBoard, type ProcessReport } from '@wherefore/ports';

export interface ProcessesParts {
  readonly shape: ProcessesAnswer['shape'];
  readonly board: ProcessBoard;
  /** How this process is now. */
  readonly report: () => Promise<ProcessReport>;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** The processes that there are, as the board has them, and this one as it is now. */
export class Processes {
  constructor(private readonly parts: ProcessesParts) {}

  /** Never rejects: where the board is out of reach, this process is all that is known, and says so. */
  async describe(): Promise<ProcessesAnswer> {
    const { board, shape, clock } = this.parts;
    const own: PostedReport = { report: await this.parts.report(), silentMs: 0 };
    try {
      const others = (await board.list()).filter(({ report }) => report.id !== own.report.id);
      const posted = [...others, own].sort((a, b) => compareReports(a.report, b.report));
      return describeProcesses(posted, shape, clock.nowMs());
    } catch (error) {
      const alone = describeProcesses([own], 'embedded', clock.nowMs());
      const trouble = `the other processes are not known: ${error instanceof Error ? error.message : String(error)}`;
      return { ...alone, shape, troubles: [...alone.troubles, trouble] };
    }
  }

  async metrics(): Promise<{ readonly contentType: string; readonly text: string }> {
    const { metrics, report, clock } = this.parts;
    return { contentType: metrics.contentType, text: await metrics.text(await report(), clock.nowMs()) };
  }
}
