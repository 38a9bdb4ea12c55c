import { createRequire } from 'node:module';
import type { Json } from '@wherefore/model';
import type { Machine, MachineState } from './machine';
import { ReplayJobs, type AnswerQuestion, type ReadSpan } from './replayJobs';
import type { ReplaySource } from './replayer';
import type { Job, ModuleRef, ReplayParts } from './replayMessages';

const load = createRequire(__filename);

/** Loads the parts and opens the source. Rejects as the source does. */
export async function openJobs(parts: ReplayParts): Promise<ReplayJobs<MachineState>> {
  const machine = exported(parts.machine) as Machine<MachineState>;
  const answer = parts.answer && (exported(parts.answer) as AnswerQuestion<MachineState>);
  const openSource = exported(parts.source) as (argument: Json) => Promise<ReplaySource>;
  const readSpan = parts.span && (exported(parts.span) as ReadSpan<MachineState>);
  const source = await openSource(parts.source.argument);
  return new ReplayJobs(machine, source, answer, parts.statesMax, readSpan);
}

/** Performs one job. */
export function runJob(jobs: ReplayJobs<MachineState>, job: Job, signal: AbortSignal): Promise<unknown> {
  switch (job.kind) {
    case 'answer':
      return jobs.answer(job.target, job.question, signal);
    case 'span':
      return jobs.span(job.from, job.to, job.question, signal);
    case 'snapshot':
      return jobs.takeSnapshot(job.createdAtMs, signal);
  }
}

function exported({ path, exportName }: ModuleRef): unknown {
  const value = (load(path) as Record<string, unknown>)[exportName];
  if (value === undefined) throw new Error(`${path} exports no ${exportName}`);
  return value;
}
