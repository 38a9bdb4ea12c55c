import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../cli/cliProcess';
import { describeWithShared } from '../support/shared';
import { answered, KIND_OF, type Kind, type RecordedAnswer, readRecording, type Seen } from './recordedCloud';
import { importInto, type ResourceRow, StoryStore } from './storyStore';

jest.setTimeout(120_000);

/** Messages before this one are of the set-up, which the answers of the first moment stand for. */
const FIRST_SEQ = 100;

/** A row of `wherefore resources --json`, in the fields that are compared. */
function seenOf(kind: Kind, row: ResourceRow): Seen {
  const common = { name: row.name, status: row.state };
  switch (kind) {
    case 'nova.instance':
      return { ...common, host: row.host, project: row.project_id };
    case 'neutron.port':
      return { ...common, host: row.host, project: row.project_id, server: row.server! };
    case 'cinder.volume':
      return { ...common, project: row.project_id, size: row.size!, attachments: [...row.attachments!].sort() };
  }
}

function sorted(entities: Iterable<readonly [string, Seen]>): (readonly [string, Seen])[] {
  return [...entities].sort(([a], [b]) => (a < b ? -1 : 1));
}

describeWithShared('the resources of an imported recording, at the time of each recorded answer', (sharedDir) => {
  const data = path.join(sharedDir, 'data/openstack');
  const { folder, remove } = temporaryFolder();
  const withPolls = new StoryStore(path.join(folder, 'with-polls'));
  const fromMessages = new StoryStore(path.join(folder, 'from-messages'));
  const compared = readRecording(data).answers.filter(({ name, status }) => status === 200 && name in KIND_OF);
  const moments = [...new Set(compared.map(({ moment }) => moment))];

  beforeAll(async () => {
    const all = path.join(data, 'notifications.ndjson');
    await importInto(withPolls.folder, '--notifications', all, '--api', path.join(data, 'api'));
    const lines = readFileSync(all, 'utf8').trimEnd().split('\n');
    const story = lines.filter((line) => (JSON.parse(line) as { seq: number }).seq >= FIRST_SEQ);
    const messages = path.join(folder, 'story.ndjson');
    writeFileSync(messages, story.join('\n'));
    const empty = path.join(data, 'api', '00-empty');
    await importInto(fromMessages.folder, '--notifications', messages, '--api', empty);
  });
  afterAll(async () => {
    await Promise.all([withPolls.close(), fromMessages.close()]);
    remove();
  });

  async function expectAnswered(store: StoryStore, answer: RecordedAnswer): Promise<void> {
    const kind = KIND_OF[answer.name]!;
    const rows = await store.resources(kind, answer.at);
    const got = sorted(rows.map((row) => [row.id, seenOf(kind, row)]));
    expect({ answer: answer.name, got }).toEqual({ answer: answer.name, got: sorted(answered(answer)) });
  }

  it('are compared with 56 answers of 14 moments', () => {
    expect([moments.length, compared.length]).toEqual([14, 56]);
  });

  it.each(moments)('%s: equal, with all answers as polls', async (moment) => {
    for (const answer of compared) if (answer.moment === moment) await expectAnswered(withPolls, answer);
  });

  // docs/truth.md counts no difference for a Nova that tells each change in both layouts, as the recorded one did.
  it.each(moments)('%s: equal, from the messages and the first moment alone', async (moment) => {
    for (const answer of compared) if (answer.moment === moment) await expectAnswered(fromMessages, answer);
  });
});
