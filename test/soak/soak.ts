import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type MariadbStore } from '@wherefore/mariadb';
import { comparePositions, formatPosition, parsePosition, type Position } from '@wherefore/model';
import { eventually } from '../cluster/processes';
import { servicesAsVictims } from './actor';
import { BusLoad } from './busLoad';
import { BusEars, WebhookEars } from './ears';
import { planWeather } from './plan';
import { RestLoad } from './restLoad';
import { openStand, type Stand } from './stand';
import { StaticLoad } from './staticLoad';
import { verdictOn, type Verdict } from './verdict';
import { Watch } from './watch';
import { Weather } from './weather';

export interface SoakOptions {
  readonly seed: number;
  readonly seconds: number;
  /** What happens, a line each; the soak prints them with the time. */
  readonly say: (text: string) => void;
  /** The program that the processes run; default: that of the build. */
  readonly program?: string;
}

const READY_MS = 120_000;
/** After the weather: until everything that was sent is confirmed, and has gone all the way. */
const CALM_MS = 120_000;
const PROGRESS_MS = 5_000;
/** Processors look for new webhooks once a second. */
const WEBHOOKS_KNOWN_MS = 3_000;
const WEBHOOK_SECRET = 'soak-webhook-secret-4711';

/** Names of the webhooks' paths: one hears of everything, one of deduced alarms only. */
const WEBHOOKS: { readonly [path: string]: string } = { '/all': '', '/deduced': '{"vitrage_type": "vitrage"}' };

/** A whole run. */
export async function soak({ seed, seconds, say, program }: SoakOptions): Promise<Verdict> {
  const stand = await openStand(program);
  const ears = await WebhookEars.open(seed);
  const busEars = new BusEars(stand.services.broker.url);
  const { host, port, user, password } = stand.services.database;
  const store = await openStore({ host, port, user, password, database: 'wherefore' });
  try {
    return await new Soak({ seed, seconds, say }, stand, store, ears, busEars).run();
  } finally {
    await store.close().catch(() => undefined);
    await busEars.close();
    await ears.close();
    await stand.close();
  }
}

class Soak {
  private readonly rest: RestLoad;
  private readonly bus: BusLoad;
  private readonly files: StaticLoad;
  private readonly watch: Watch;
  private readonly weather: Weather;
  private beganAt = performance.now();

  constructor(
    private readonly options: SoakOptions,
    private readonly stand: Stand,
    private readonly store: MariadbStore,
    private readonly ears: WebhookEars,
    private readonly busEars: BusEars,
  ) {
    const { seed } = options;
    this.rest = new RestLoad(seed, stand.urls);
    this.bus = new BusLoad(seed, stand.services.broker.url);
    this.files = new StaticLoad(seed, stand.staticFolder);
    this.watch = new Watch(store);
    this.weather = new Weather([...stand.actors, ...servicesAsVictims(stand.services)], (text) => this.say(text));
  }

  async run(): Promise<Verdict> {
    const { actors } = this.stand;
    await this.busEars.open();
    for (const actor of actors) await actor.start();
    await Promise.all(actors.map((actor) => actor.ready(READY_MS)));
    const toldAfter = await this.registerWebhooks();
    const giveUp = new AbortController();
    const watching = new AbortController();
    const watched = this.watch.run(watching.signal);
    this.beganAt = performance.now();
    this.say(`${actors.length} processes are at work; the load begins`);
    const progress = setInterval(() => this.sayProgress(), PROGRESS_MS);
    try {
      await this.badWeather(giveUp);
      const quietAt = await this.calm();
      await this.endProcesses(quietAt);
    } finally {
      giveUp.abort();
      clearInterval(progress);
      watching.abort();
      await watched;
    }
    const { stand, store, rest, bus, files, ears, busEars, watch, weather, options } = this;
    const secrets = [stand.services.database.password, new URL(stand.services.broker.url).password, WEBHOOK_SECRET];
    return verdictOn({ stand, store, rest, bus, files, ears, busEars, watch, weather, toldAfter, secrets, options });
  }

  /** Gives the place after which everything is told. */
  private async registerWebhooks(): Promise<Position> {
    const [url] = this.stand.urls;
    for (const [path, filter] of Object.entries(WEBHOOKS)) {
      const body = {
        url: this.ears.url + path,
        headers: JSON.stringify({ 'x-soak': WEBHOOK_SECRET }),
        regex_filter: filter,
      };
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/v1/webhook`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (answer.status !== 200) throw new Error(`a webhook could not be registered: ${await answer.text()}`);
    }
    await sleep(WEBHOOKS_KNOWN_MS);
    const answer = await fetch(`${url}/v1/answers/summary`);
    return parsePosition(answer.headers.get('x-wherefore-position')!);
  }

  private async badWeather(giveUp: AbortController): Promise<void> {
    const { seed, seconds } = this.options;
    const names = [...this.stand.actors.map(({ name }) => name), 'broker', 'database'];
    const loading = new AbortController();
    const running = Promise.all([
      this.rest.run(loading.signal, giveUp.signal),
      this.bus.run(loading.signal, giveUp.signal),
      this.files.run(loading.signal),
    ]);
    await this.weather.run(planWeather(seed, seconds * 1000, names));
    await sleep(Math.max(0, seconds * 1000 - (performance.now() - this.beganAt)));
    this.say('the weather is calm, and the load ends');
    loading.abort();
    this.ears.isWell = true;
    const late = setTimeout(() => giveUp.abort(), CALM_MS);
    await running;
    clearTimeout(late);
  }

  /** Waits until all of it has gone all the way; gives where the archive was then. What does not come is for the verdict. */
  private async calm(): Promise<Position> {
    const { store, stand, watch } = this;
    const told = (text: string) => (error: unknown) => this.say(`in vain: ${text} (${String(error)})`);
    await Promise.all(stand.actors.map((actor) => actor.ready(CALM_MS).catch(told(`${actor.name} becomes ready`))));
    const quietAt = await eventually(() => store.archive.cursor(), CALM_MS);
    const isThere = async (): Promise<true | undefined> => {
      const [{ position: marked }, { position: kept }] = [await store.outbox.watermark(), await store.history.cursor()];
      const isBehind = [marked, kept].some((place) => comparePositions(place, quietAt) < 0);
      return isBehind || (await store.outbox.receivers()).length > 0 ? undefined : true;
    };
    await eventually(isThere, CALM_MS).catch(told('everything is told and written'));
    const followers = stand.actors.filter(({ role }) => role === 'api' || role === 'processor');
    const isSaid = () => {
      const said = watch.pidsFrom(quietAt);
      return followers.every(({ current }) => said.has(current.pid)) ? true : undefined;
    };
    await eventually(isSaid, CALM_MS).catch(told('every follower says where it is'));
    return quietAt;
  }

  /** The persisters last, when they have everything. */
  private async endProcesses(quietAt: Position): Promise<void> {
    const { actors } = this.stand;
    const last = actors.filter(({ role }) => role === 'persister');
    this.say(`all is quiet at ${formatPosition(quietAt)}; the processes are told to end`);
    await Promise.all(actors.filter((actor) => !last.includes(actor)).map((actor) => actor.end()));
    const isWritten = async (): Promise<true | undefined> => {
      const [cursor, { position }] = [await this.store.archive.cursor(), await this.store.history.cursor()];
      await sleep(500);
      const isStill = comparePositions(await this.store.archive.cursor(), cursor) === 0;
      return isStill && comparePositions(cursor, position) === 0 ? true : undefined;
    };
    await eventually(isWritten, CALM_MS).catch(() => this.say('in vain: the history comes to the end of the archive'));
    await Promise.all(last.map((actor) => actor.end()));
  }

  private sayProgress(): void {
    const { rest, bus, busEars, weather, watch, stand } = this;
    const calls = [...this.ears.heard.values()].reduce((sum, heard) => sum + heard.length, 0);
    const nameOf = (lease: string): string => {
      const pid = watch.holderOf(lease);
      return stand.actors.find(({ runs }) => runs.some(({ process }) => process.pid === pid))?.name ?? 'nobody';
    };
    const parts = [
      `${rest.confirmed.length} posts confirmed, ${rest.waiting.size} on their way, ${rest.failures} failures`,
      `${bus.kept.length} messages`,
      `${calls} calls, ${busEars.heard.length} on the bus`,
      `${weather.struck.length} strikes${weather.away.length === 0 ? '' : `, down: ${weather.away.join(' ')}`}`,
      `${nameOf('leader')} leads, ${nameOf('persister')} writes`,
    ];
    this.say(parts.join(' · '));
  }

  private say(text: string): void {
    const seconds = ((performance.now() - this.beganAt) / 1000).toFixed(1);
    this.options.say(`${seconds.padStart(7)} s  ${text}`);
  }
}
