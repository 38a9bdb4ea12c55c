import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { notificationEntries, TickClock } from '@wherefore/datasources';
import { initialState, stateHash, step } from '@wherefore/engine';
import type { BusSettings } from '@wherefore/listener';
import { type LogEntry, type NewEntry, ORIGIN } from '@wherefore/model';
import { runCli, temporaryFolder } from '../cli/cliProcess';
import { type LogOnBroker, openLog, sharedBroker, stopSharedBroker, until } from '../conformance/rabbitmqLogs';
import { compileProgram, type CompiledProgram } from '../durability/compiledProgram';
import { rabbitmqNeed, type RabbitmqServer } from '../support/services/rabbitmqServer';
import { describeWithService, describeWithShared } from '../support/shared';
import { CloudBus, RECORDED_EXCHANGES, type Recorded, recordedMessages } from './cloudBus';
import { busSettings } from './settings';

jest.setTimeout(180_000);

/** A listener in a process of its own. */
class ListenerProcess {
  kept = 0;
  isListening = false;
  errors = '';
  private readonly child: ChildProcess;

  constructor(program: CompiledProgram, order: object) {
    this.child = spawn(process.execPath, [program.path, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.child.stdout!.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith('kept ')) this.kept = Number(line.slice(5));
        if (line === 'listening') this.isListening = true;
      }
    });
    this.child.stderr!.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}

/** What the log should hold: each message of the recording as the importer reads it, at its recorded time. */
function expectedEntries(messages: readonly Recorded[]): NewEntry[] {
  return messages.flatMap(({ envelope, atUs }) => {
    const { entries } = notificationEntries(envelope, Math.floor(atUs / 1000), (rejection) => {
      throw new Error(rejection.message);
    });
    return [...entries];
  });
}

/** Each entry once, where it stands first. */
function withoutRepetitions(entries: readonly NewEntry[]): NewEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ source, id }) => {
    const key = `${source} ${id}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** The state after the entries, with the ticks that an import gives them. */
function hashAfter(entries: readonly NewEntry[]): string {
  const state = initialState();
  const ticks = new TickClock(0);
  let offset = 0;
  const apply = (entry: NewEntry): void => {
    const placed: LogEntry = { position: { epoch: 1, offset: ++offset, index: 0 }, entry };
    step(state, placed);
  };
  for (const entry of entries) {
    const tick = ticks.before(entry.ingestedAtMs);
    if (tick !== undefined) apply(tick);
    apply(entry);
  }
  return stateHash(state);
}

describeWithService('two listeners on the bus of a cloud, of which one is killed', rabbitmqNeed, () => {
  describeWithShared('while a recording passes', (sharedDir) => {
    let broker: RabbitmqServer;
    let log: LogOnBroker;
    let program: CompiledProgram;
    let settings: BusSettings;
    let bus: CloudBus;
    const listeners: ListenerProcess[] = [];
    const messages = recordedMessages(sharedDir);
    const got: NewEntry[] = [];

    const start = async (): Promise<ListenerProcess> => {
      const { archive: _archive, epochs, ...options } = log.options;
      const listener = new ListenerProcess(program, { settings, epoch: await epochs.current(), log: options });
      listeners.push(listener);
      return listener;
    };
    const published = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at++) {
        bus.send(messages[at]!.envelope);
        if (at % 50 === 0) await sleep(10);
      }
      await bus.flush();
    };

    beforeAll(async () => {
      broker = await sharedBroker();
      log = await openLog(broker);
      program = compileProgram('test/listener/listenerProcess.ts', [], ['listener']);
      bus = await CloudBus.open(broker.url);
      settings = busSettings(broker.url, { exchanges: RECORDED_EXCHANGES });
      const pair = [await start(), await start()];
      await until(() => pair.every(({ isListening }) => isListening), 60_000);

      const [third, half] = [Math.floor(messages.length / 3), Math.floor(messages.length / 2)];
      const isAtWork = ({ kept }: ListenerProcess): boolean => kept > 0;
      const publishing = published(0, half);
      await until(() => pair.some(({ kept }) => kept > third / 2), 60_000);
      const first = pair.find(isAtWork)!;
      await first.kill();
      await publishing;
      // A third one stands by while the second is at work, and takes over from it in turn.
      const second = pair.find((each) => each !== first)!;
      const last = await start();
      await until(() => isAtWork(second) && last.isListening, 60_000);
      const before = second.kept;
      const more = published(half, messages.length);
      await until(() => second.kept > before, 60_000);
      await second.kill();
      await more;

      const wanted = expectedEntries(messages).length;
      const ids = new Set<string>();
      for await (const { entry } of log.log.read(ORIGIN, { signal: AbortSignal.timeout(60_000) })) {
        got.push(entry);
        ids.add(`${entry.source} ${entry.id}`);
        if (ids.size === wanted) break;
      }
    }, 240_000);

    afterAll(async () => {
      await Promise.all(listeners.map((each) => each.kill()));
      await bus?.close();
      await log?.close();
      await stopSharedBroker();
      program?.remove();
    });

    it('all three were at work, one after the other', () => {
      expect(listeners.map(({ errors }) => errors)).toEqual(['', '', '']);
      expect(listeners.map(({ kept }) => kept > 0)).toEqual([true, true, true]);
    });

    it('every message is in the log, in the order in which it was sent', () => {
      const untimed = ({ ingestedAtMs: _, ...entry }: NewEntry) => entry;
      expect(withoutRepetitions(got).map(untimed)).toEqual(withoutRepetitions(expectedEntries(messages)).map(untimed));
    });

    it('leaves nothing in the queue, and nothing among the dead letters', async () => {
      await until(async () => (await bus.queue(settings.queue)).messages === 0);
      expect((await bus.queue(`${settings.queue}.dead`)).messages).toBe(0);
    });

    it('the state is that of an import of the same recording', async () => {
      const { folder, remove } = temporaryFolder();
      const recording = path.join(sharedDir, 'data/openstack/notifications.ndjson');
      const args = ['import', '--store', path.join(folder, 'store'), '--notifications', recording, '--json'];
      const { code, stdout, stderr } = await runCli(args);
      remove();
      if (code !== 0) throw new Error(stderr);
      const times = new Map(
        expectedEntries(messages).map(({ source, id, ingestedAtMs }) => [`${source} ${id}`, ingestedAtMs]),
      );
      const retimed = withoutRepetitions(got).map((entry) => ({
        ...entry,
        ingestedAtMs: times.get(`${entry.source} ${entry.id}`)!,
      }));
      const { log: imported } = JSON.parse(stdout) as { log: { stateHash: string } };
      expect(hashAfter(retimed)).toBe(imported.stateHash);
    });
  });
});
