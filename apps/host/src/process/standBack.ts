import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { Config } from '../config';
import type { RoleName } from './role';

const OWN_THREADS = '/proc/self/task';
const OWN_GROUP = '/proc/self/autogroup';

/** As `nice` counts: from 0, not at all, to 19, as far as can be. */
interface Niceness {
  readonly main: number;
  /** Of the threads that were there before the program: they collect garbage and compile. */
  readonly helpers: number;
}

/** How far a process with this role is to stand back behind others on its machine. */
export function nicenessOf(role: RoleName, { niceness }: Pick<Config, 'niceness'>): Niceness {
  const main = role === 'api' || role === 'driver' ? niceness[role] : 0;
  return { main, helpers: Math.max(main, niceness.helpers) };
}

/**
 * Puts this process, or its helpers alone, behind others on its machine; called before it has threads of its own. Nothing
 * comes forward again, for that takes rights. Where every process has cores of its own nothing changes.
 */
export function standBack({ main, helpers }: Niceness): void {
  if (process.platform !== 'linux') {
    if (main > 0 && getPriority(process.pid) < main) setPriority(process.pid, main);
    return;
  }
  // On Linux each thread has a priority of its own.
  for (const thread of readdirSync(OWN_THREADS).map(Number)) {
    setThreadBack(thread, thread === process.pid ? main : helpers);
  }
  if (main > 0) setGroupBack(main);
}

function setThreadBack(thread: number, niceness: number): void {
  try {
    // With 0 it stays where it is: an operator may have put it in front of others.
    if (niceness > 0 && getPriority(thread) < niceness) setPriority(thread, niceness);
  } catch (error) {
    const hasEnded = (error as { readonly info?: { readonly code?: string } }).info?.code === 'ESRCH';
    if (!hasEnded) throw error;
  }
}

/**
 * Linux may weigh sessions against each other, and processes only within theirs (`sched_autogroup_enabled`, sched(7)). A
 * process that began a session speaks for it; else it is somebody else's, who may have started others in it.
 */
function setGroupBack(niceness: number): void {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
    if (Number(session) === process.pid) writeFileSync(OWN_GROUP, String(niceness));
  } catch {
    // A kernel without such groups, or a container that may not: then the threads' own priorities count.
  }
}
