import path from 'node:path';
import { describeWithShared } from '../support/shared';
import {
  type Difference,
  differences,
  KIND_OF,
  type RecordedAnswer,
  RecordedCloud,
  type RecordedMessage,
  readRecording,
} from './recordedCloud';

/** What of Nova's messages a cloud is configured to send. */
interface Bus {
  readonly layout: 'both' | 'versioned' | 'legacy';
}

/**
 * What OpenStack does not tell its bus, each with the differences that it explains and no others. The table
 * in docs/truth.md counts them.
 */
const FACTS: { readonly [fact: string]: (difference: Difference, bus: Bus) => boolean } = {
  // Nova has Cinder's API set it before it begins, and says that it begins in the versioned layout alone.
  'volume-claimed': ({ answer, field, got, want }, { layout }) =>
    layout === 'legacy' &&
    answer === 'cinder-volumes' &&
    field === 'status' &&
    ((got === 'in-use' && want === 'detaching') || (got === 'available' && want === 'reserved')),
};

describeWithShared('the state that is reconstructed from a recorded OpenStack', (sharedDir) => {
  const recording = readRecording(path.join(sharedDir, 'data/openstack'));
  const answers = recording.answers.filter(({ status }) => status === 200);
  const isFirst = ({ moment }: RecordedAnswer): boolean => moment === '00-empty';

  function isSent(message: RecordedMessage, { layout }: Bus): boolean {
    if (message.seq < 100) return false;
    if (message.exchange !== 'nova') return true;
    return layout === 'both' || message.routing_key.startsWith('versioned') === (layout === 'versioned');
  }

  /** Tells a cloud everything in the order of time, and compares at each answer. */
  function allDifferences(bus: Bus, isPolled: (answer: RecordedAnswer) => boolean): Difference[] {
    const cloud = new RecordedCloud();
    const messages = recording.messages.filter((message) => isSent(message, bus));
    const found: Difference[] = [];
    let next = 0;
    for (const answer of answers) {
      for (; next < messages.length && messages[next]!.received_at <= answer.at; next++) cloud.tell(messages[next]!);
      if (isPolled(answer)) cloud.poll(answer);
      if (answer.name in KIND_OF) found.push(...differences(cloud, answer));
    }
    return found;
  }

  function explained(found: readonly Difference[], bus: Bus): string[] {
    return found.map((difference) => {
      const facts = Object.keys(FACTS).filter((fact) => FACTS[fact]!(difference, bus));
      return `${difference.moment} ${difference.answer} ${facts[0] ?? `unexplained: ${JSON.stringify(difference)}`}`;
    });
  }

  it('is what was answered, at each of 56 answers about servers, ports and volumes, from messages alone', () => {
    expect(answers.filter(({ name }) => name in KIND_OF)).toHaveLength(56);
    for (const layout of ['both', 'versioned'] as const) {
      expect([layout, ...explained(allDifferences({ layout }, isFirst), { layout })]).toEqual([layout]);
    }
  });

  it('is so but for what the legacy layout of Nova does not tell, when there is no other', () => {
    const bus: Bus = { layout: 'legacy' };
    expect(explained(allDifferences(bus, isFirst), bus)).toEqual(['11-storage-down cinder-volumes volume-claimed']);
  });

  it.each(['both', 'versioned', 'legacy'] as const)(
    'is what was answered right after each answer, with the answers as polls (%s)',
    (layout) => {
      expect(allDifferences({ layout }, () => true)).toEqual([]);
    },
  );
});
