import { checkEntry } from '@wherefore/engine';
import { pollFailed } from '@wherefore/datasources';
import { type NewEntry, type RejectedInputEntry, type Rejection, WhereforeError } from '@wherefore/model';
import { encodeEntry } from '@wherefore/ports';

/** Keeps a rejection for the operator, with the beginning of what was refused. */
export type Refuse = (rejection: Rejection, excerpt: string) => RejectedInputEntry;

/**
 * The entries as a log will take them. One that is too large, or whose names are, is refused by
 * itself; the poll that it was a row of then ends as a failed one, because it is not complete.
 */
export function admit(entries: readonly NewEntry[], refuse: Refuse): NewEntry[] {
  const admitted: NewEntry[] = [];
  let rowsRefused = 0;
  for (const entry of entries) {
    const fault = faultOf(entry);
    if (fault !== undefined) {
      admitted.push(refuse(fault, JSON.stringify(entry)));
      if ('pollId' in entry) rowsRefused += 1;
    } else if (entry.kind === 'poll-completed' && rowsRefused > 0) {
      const { datasource, pollId, ingestedAtMs, rowCount } = entry;
      const reason = `${rowsRefused} of ${rowCount} rows were refused`;
      admitted.push(pollFailed(datasource, pollId, reason, ingestedAtMs));
    } else admitted.push(entry);
  }
  return admitted;
}

function faultOf(entry: NewEntry): Rejection | undefined {
  const checked = checkEntry(entry);
  if (checked !== entry) return checked as Rejection;
  try {
    encodeEntry(entry);
    return undefined;
  } catch (error) {
    if (!(error instanceof WhereforeError)) throw error;
    const { code, message, hint } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
}
