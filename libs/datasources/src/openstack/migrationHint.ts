import { NOVA_MIGRATION } from '../nova/migration';
import type { Notice, NoticeAnswer } from './notification';

/** What begins, advances or ends a migration: `live_migration_pre.start`, `finish_resize.end`, `evacuate`. */
const MIGRATES = /live_migration|resize|evacuate|rebuild/;

/**
 * Nova's messages tell of a server that it moves, and never of the migration: neither its number nor its status.
 * So those that belong to one ask for a poll of the migrations beside what they say of the server. An
 * evacuation goes on as a rebuild.
 */
export function withMigrationHint(read: (notice: Notice) => NoticeAnswer): (notice: Notice) => NoticeAnswer {
  return (notice) => {
    const answer = read(notice);
    if ('code' in answer || answer.poll !== undefined || !MIGRATES.test(notice.eventType)) return answer;
    return { ...answer, poll: NOVA_MIGRATION };
  };
}
