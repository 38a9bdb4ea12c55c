import { type Config, loadConfig, openPorts, type Ports, silentLog } from '@wherefore/host';
import { type EngineState, initialState } from '@wherefore/engine';
import { engineMachine, Follower, machineTimer } from '@wherefore/runtime';
import type { PostedReport } from '@wherefore/ports';

/** A follower of the log of a cluster, within the test: the state that every process of it would have. */
export class TestFollower {
  readonly outcomes = new Map<string, number>();
  /** How many entries came from each source. */
  readonly sources = new Map<string, number>();
  private readonly ending = new AbortController();
  private readonly follower: Follower<EngineState>;
  private readonly running: Promise<unknown>;

  private constructor(readonly ports: Ports) {
    this.follower = new Follower(ports.log, engineMachine, initialState());
    this.follower.subscribe(({ entry: { entry }, outcome }) => {
      this.outcomes.set(outcome.kind, (this.outcomes.get(outcome.kind) ?? 0) + 1);
      this.sources.set(entry.source, (this.sources.get(entry.source) ?? 0) + 1);
    });
    this.running = this.follower.run(this.ending.signal).catch((error: unknown) => error);
  }

  /** `env` is what the processes of the cluster have in theirs. */
  static async start(env: { readonly [name: string]: string }): Promise<TestFollower> {
    const config: Config = loadConfig({ env, cwd: '/' });
    const options = { log: silentLog, timer: machineTimer, name: 'test', waits: () => undefined };
    return new TestFollower(await openPorts(config, { ...options, signal: AbortSignal.timeout(60_000) }));
  }

  /** To be read between awaits only. */
  get state(): EngineState {
    return this.follower.state;
  }

  /** The last polls that ended: datasource to whether it was complete. */
  get polls(): ReadonlyMap<string, boolean> {
    return new Map(this.state.polls.outcomes().map(({ datasource, ok }) => [datasource, ok]));
  }

  async board(): Promise<readonly PostedReport[]> {
    return this.ports.board.list();
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.running;
    await this.ports.close();
  }
}
