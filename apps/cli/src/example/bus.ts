import type { NewEntry } from '@wherefore/model';
import { eventEntries, fromNotification } from '@wherefore/datasources';
import type { RecordedMessage } from './recording';
import { retold, toldAtMs } from './storyClock';

/**
 * The messages of the bus as entries, in the order in which they arrived. Messages that tell of no
 * entity give none. Throws when one cannot be read: the recording is part of the program.
 */
export function busEntries(messages: readonly RecordedMessage[], failureAtMs: number): NewEntry[] {
  return messages.flatMap((recorded) => {
    const { received_at: receivedAt, exchange, routing_key } = recorded;
    const message = retold(JSON.stringify(recorded.message), failureAtMs);
    const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': message });
    const answer = fromNotification({ exchange, routing_key, body, received_at: retold(receivedAt, failureAtMs) });
    if ('code' in answer) throw new Error(`${String(recorded.message['message_id'])}: ${answer.message}`);
    if ('ignored' in answer) return [];
    return eventEntries(answer, toldAtMs(receivedAt, failureAtMs));
  });
}
