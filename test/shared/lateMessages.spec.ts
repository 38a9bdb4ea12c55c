import path from 'node:path';
import { fromNotification, toEntityEvent } from '@wherefore/datasources';
import type { EntityEvent } from '@wherefore/model';
import { describeWithShared } from '../support/shared';
import { RecordedCloud, type RecordedMessage, readRecording } from './recordedCloud';

/** What a message means for the graph; nothing when it tells of no entity. */
function meaningsOf(message: RecordedMessage): EntityEvent[] {
  const answer = fromNotification(message);
  return 'events' in answer ? answer.events.map((event) => toEntityEvent(event) as EntityEvent) : [];
}

/** The same message under another id: as it is when its sender, which heard no answer, sends it once more. */
function sentAgain(message: RecordedMessage): RecordedMessage {
  return { ...message, body: message.body.replace(/message_id\\*": \\*"/, '$&late-') };
}

const isEnd = ({ action }: EntityEvent): boolean => action === 'delete-entity';

describeWithShared('a message that comes after the deletion of what it tells of', (sharedDir) => {
  const { messages } = readRecording(path.join(sharedDir, 'data/openstack'));

  /** Place of the last message of an entity before one that ends it, by the place of the latter. */
  function overtaken(): Map<number, { readonly late: number; readonly key: string }[]> {
    const lastOf = new Map<string, number>();
    const found = new Map<number, { readonly late: number; readonly key: string }[]>();
    for (const [place, message] of messages.entries()) {
      for (const meaning of meaningsOf(message)) {
        const { key } = meaning.entity;
        const late = lastOf.get(key);
        if (!isEnd(meaning)) lastOf.set(key, place);
        else if (late !== undefined) found.set(place, [...(found.get(place) ?? []), { late, key }]);
      }
    }
    return found;
  }

  it('does not bring it back, of whatever kind it is', () => {
    const cloud = new RecordedCloud();
    const ends = overtaken();
    const kinds = new Map<string, number>();
    const revived: string[] = [];
    for (const [place, message] of messages.entries()) {
      const nowMs = Date.parse(message.received_at);
      cloud.tell(message);
      for (const { late, key } of ends.get(place) ?? []) {
        const again = sentAgain(messages[late]!);
        expect(again.body).not.toBe(messages[late]!.body);
        cloud.tell(again, nowMs);
        const vertex = cloud.state.graph.liveVertexByKey(key);
        if (vertex !== undefined && !vertex.isPlaceholder) revived.push(`${key} by message ${messages[late]!.seq}`);
        const kind = key.split(':')[1]!;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    expect(revived).toEqual([]);
    expect([...kinds.keys()].sort()).toEqual([
      'aodh',
      'cinder.volume',
      'glance.image',
      'heat.stack',
      'keystone.domain',
      'keystone.project',
      'keystone.user',
      'neutron.floatingip',
      'neutron.network',
      'neutron.port',
      'neutron.router',
      'neutron.router_interface',
      'neutron.subnet',
      'nova.instance',
    ]);
  });
});
