import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { Config } from '../config';
import type { RoleName } from './role';

const OWN_THREADS = '/proc/self/task';
const OWN_GROUP = '/proc/self/autogroup';

/** How far a process with this role is to stand back behind others on its machine, as `nice` counts: from 0, not at all, to 19. */
export function nicenessOf(role: RoleName, { niceness }: Pick<Config, 'niceness'>): number {
  return role === 'api' || role === 'driver' ? niceness[role] : 0;
}

/**
 * Puts this process behind others on its machine, its threads and all; called before it has threads of its own. Nothing
 * comes forward again, for that takes rights. Where every process has cores of its own nothing changes.
 */
export function standBack(niceness: number): void {
  // With 0 it stays where it is: an operator may have put it in front of others.
  if (niceness === 0) return;
  if (process.platform !== 'linux') {
    if (getPriority(process.pid) < niceness) setPriority(process.pid, niceness);
    return;
  }
  // On Linux each thread has a priority of its own.
  for (const thread of readdirSync(OWN_THREADS).map(Number)) setThreadBack(thread, niceness);
  setGroupBack(niceness);
}

function setThreadBack(thread: number, niceness: number): void {
  try {
    if (getPriority(thread) < niceness) setPriority(thread, niceness);
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
