import path from 'node:path';
import { Driver, configuredSources, type PollSource } from '@wherefore/driver';
import { type EngineState, initialState, step } from '@wherefore/engine';
import { loadConfig } from '@wherefore/host';
import { type Json, type LogEntry, ORIGIN } from '@wherefore/model';
import { MemoryEventLog, MemoryLeaderLease, type Timer } from '@wherefore/ports';
import { machineTimer } from '@wherefore/runtime';
import { describeWithShared } from '../support/shared';
import {
  answered,
  differences,
  KIND_OF,
  RecordedCloud,
  readRecording,
  type RecordedAnswer,
} from '../shared/recordedCloud';
import { Poller, type PollReport } from '../../apps/driver/src/polling/poller';
import { type Fault, FakeCloud } from './fakeCloud';
import { recordedFaults, recordedMoment } from './recordedFaults';

jest.setTimeout(60_000);

/** Sleeps that are waited for by nobody: faults are mended at once. */
const hasty: Timer = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) => machineTimer.sleep(Math.min(ms, 5), signal),
};

/** What a driver polls, each source once, as it is called by hand. */
class Polls {
  readonly log = new MemoryEventLog();
  readonly sources: readonly PollSource[];
  readonly close: () => void;
  readonly state: EngineState = initialState();
  private readonly poller: Poller;
  private readonly applied: LogEntry[] = [];

  constructor(cloud: FakeCloud, pageRows: number, more: { readonly [key: string]: Json } = {}) {
    const openstack = { authUrl: cloud.authUrl, username: 'admin', password: 'secret', pageRows, ...more };
    const config = loadConfig({ env: {}, cwd: '/', overrides: { openstack, driver: { requestTimeoutSeconds: 1 } } });
    const { sources, close } = configuredSources(config, { timer: hasty, random: () => 0.5, watch: {} });
    this.sources = sources;
    this.close = close;
    // A poll may take its time: only requests are hasty.
    this.poller = new Poller(this.log, machineTimer);
  }

  async all(): Promise<PollReport[]> {
    const reports: PollReport[] = [];
    for (const source of this.sources) reports.push(await this.one(source.name));
    return reports;
  }

  async one(name: string): Promise<PollReport> {
    const source = this.sources.find((each) => each.name === name)!;
    return this.poller.poll(source, { timeoutMs: 20_000, signal: new AbortController().signal });
  }

  /** Applies what was told since; none of it may have been refused. */
  async apply(): Promise<EngineState> {
    const entries = await this.log.readRange(ORIGIN, 1_000_000);
    for (const entry of entries.slice(this.applied.length)) {
      const { outcome } = step(this.state, entry);
      if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome));
      this.applied.push(entry);
    }
    return this.state;
  }
}

describeWithShared('a driver on a cloud that answers as a recorded one did', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/openstack');
  const recording = readRecording(folder);
  const moments = [...new Set(recording.answers.map(({ moment }) => moment))].sort();
  let cloud: FakeCloud;
  const open: Polls[] = [];
  beforeEach(async () => (cloud = await FakeCloud.start(folder)));
  afterEach(async () => {
    for (const polls of open.splice(0)) polls.close();
    await cloud.close();
  });

  function pollsOf(pageRows = 500, more = {}): Polls {
    const polls = new Polls(cloud, pageRows, more);
    open.push(polls);
    return polls;
  }

  /** Answers of a moment that were good, without those of other microversions. */
  const answersAt = (moment: string): readonly RecordedAnswer[] =>
    recording.answers.filter((each) => each.moment === moment && each.status === 200 && !each.name.endsWith('-v2.1'));

  it.each([500, 3])('has the state that it answered at each of its moments, in pages of %i rows', async (rows) => {
    // Ten is the least that the configuration allows; three shows more pages.
    const polls = pollsOf(Math.max(rows, 10));
    if (rows < 10) for (const source of polls.sources) Object.assign((source as never)['access'], { pageRows: rows });
    for (const moment of moments) {
      cloud.show(moment);
      const reports = await polls.all();
      expect(reports.filter(({ kind }) => kind === 'failed')).toEqual([]);
      const state = await polls.apply();
      expect([moment, ...recordedFaults(state, recordedMoment(folder, moment))]).toEqual([moment]);
    }
    expect(cloud.logIns).toBe(1);
    const pages = cloud.seen.filter(({ path: place }) => place.endsWith('/servers/detail')).length;
    expect(pages > moments.length).toBe(rows === 3);
  });

  it('tells servers, ports and volumes as another reader of the same answers finds them', async () => {
    const truth = new RecordedCloud();
    for (const answer of answersAt('06-evacuated')) if (answer.name in KIND_OF) truth.poll(answer);
    cloud.show('06-evacuated');
    const polls = pollsOf();
    await polls.all();
    const state = await polls.apply();
    for (const answer of answersAt('06-evacuated')) {
      if (!(answer.name in KIND_OF)) continue;
      expect(differences(truth, answer)).toEqual([]);
      const ids = [...state.graph.verticesOfType(KIND_OF[answer.name]!)].filter(({ isPlaceholder }) => !isPlaceholder);
      expect(ids.map(({ properties }) => String(properties['id'])).sort()).toEqual([...answered(answer).keys()].sort());
    }
  });

  it('knows the resources of stacks, which are asked for one by one, below the project of each', async () => {
    cloud.show('08-heat');
    const polls = pollsOf();
    expect(await polls.one('heat-stacks')).toMatchObject({ kind: 'complete', rowCount: 2 });
    const { graph } = await polls.apply();
    const stack = [...graph.verticesOfType('heat.stack')].find(({ properties }) => properties['name'] === 'shopstack')!;
    const types = new Set(stack.outgoing.map(({ label, target }) => `${label} ${target.type}`));
    expect([...types].sort()).toEqual([
      'comprised cinder.volume',
      'comprised neutron.network',
      'comprised neutron.port',
      'comprised neutron.subnet',
      'comprised nova.instance',
    ]);
  });

  it('goes on with a new token when the old one is revoked in the middle of a list', async () => {
    cloud.show('02-day2');
    const polls = pollsOf(10);
    cloud.fault = ({ query }) => {
      if (query.has('marker') && cloud.logIns === 1) cloud.revoke();
      return undefined;
    };
    expect(await polls.one('nova-servers')).toMatchObject({ kind: 'complete' });
    expect(cloud.logIns).toBe(2);
  });

  it.each<[string, Fault]>([
    ['a status of 503', { status: 503 }],
    ['too many requests', { status: 429, headers: { 'Retry-After': '1' } }],
    ['a body that is cut', 'cut'],
    ['a connection that breaks', 'reset'],
    ['an answer that comes too late', { slowMs: 1_300 }],
  ])('reads past %s, as long as it does not stay so', async (_, fault) => {
    cloud.show('02-day2');
    const polls = pollsOf(10);
    let faults = 2;
    cloud.fault = ({ query }) => (query.has('marker') && faults-- > 0 ? fault : undefined);
    expect(await polls.one('nova-servers')).toMatchObject({ kind: 'complete' });
  });

  it.each<[string, Fault]>([
    ['a status of 503', { status: 503 }],
    ['a refusal', { status: 403 }],
    ['a body that is cut', 'cut'],
  ])('deletes nothing when a later page ends in %s, and says so', async (_, fault) => {
    cloud.show('02-day2');
    const polls = pollsOf(10);
    await polls.one('nova-servers');
    const before = [...(await polls.apply()).graph.verticesOfType('nova.instance')].length;
    cloud.fault = ({ query }) => (query.has('marker') ? fault : undefined);
    expect(await polls.one('nova-servers')).toMatchObject({ kind: 'failed', pageCount: 1, rowCount: 10 });
    const state = await polls.apply();
    expect([...state.graph.verticesOfType('nova.instance')]).toHaveLength(before);
    expect(state.polls.outcomes()).toMatchObject([{ datasource: 'nova.instance', ok: false }]);
  });

  it('deletes nothing in a region that was named and is not there', async () => {
    cloud.show('02-day2');
    const report = await pollsOf(500, { regions: ['RegionOne', 'RegionTwo'] }).one('nova-servers');
    expect(report).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/no endpoint of nova in region RegionTwo$/),
    });
  });

  it('refuses a wrong password with a reason that does not show it', async () => {
    const report = await pollsOf(500, { password: 'wrong-and-secret' }).one('nova-servers');
    expect(report).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^source-refused: POST .* status 401/),
    });
    expect(JSON.stringify(await pollsOf().log.readRange(ORIGIN, 10))).not.toContain('wrong-and-secret');
  });

  it('is polled by drivers, which share the sources by leases', async () => {
    cloud.show('01-steady');
    const polls = pollsOf();
    const leases = new MemoryLeaderLease(machineTimer);
    const ending = new AbortController();
    const reports: PollReport[] = [];
    const drivers = ['one', 'two'].map((holder) => {
      const parts = { log: polls.log, leases, calls: {}, timer: machineTimer, random: Math.random };
      const afterFailure = { firstPauseMs: 5_000, pauseMaxMs: 300_000 };
      const dutyOf = () => ({ intervalMs: 600_000, timeoutMs: 20_000, afterFailure });
      const options = {
        sources: polls.sources,
        holder,
        leaseTtlMs: 4_000,
        isCutOff: () => false,
        pollsAtATime: 2,
        dutyOf,
      };
      const ears = {
        polled: (report: PollReport) => void reports.push(report),
        leads: () => undefined,
        troubled: () => undefined,
      };
      return new Driver(parts, options, ears).run(ending.signal);
    });
    while (reports.length < polls.sources.length) await machineTimer.sleep(20);
    ending.abort(new Error('the test is over'));
    await Promise.all(drivers);
    expect(reports.map(({ source }) => source).sort()).toEqual(polls.sources.map(({ name }) => name).sort());
    expect(reports.filter(({ kind }) => kind !== 'complete')).toEqual([]);
  });
});
