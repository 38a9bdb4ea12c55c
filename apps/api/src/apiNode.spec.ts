import type { AnswerService } from '@wherefore/answering';
import { type EngineState, initialState } from '@wherefore/engine';
import { MemoryEventLog, type Webhooks } from '@wherefore/ports';
import { engineMachine, Follower } from '@wherefore/runtime';
import { ApiNode } from './apiNode';

/** A node whose follower begins when it is told to. */
class LateNode extends ApiNode {
  readonly answers = {} as AnswerService;
  readonly ended = new Promise<unknown>(() => undefined);
  protected readonly follower: Follower<EngineState>;

  constructor(log = new MemoryEventLog()) {
    super({ log, webhooks: {} as Webhooks, clock: { nowMs: () => 0 } });
    this.follower = new Follower(log, engineMachine, initialState());
  }

  begin(signal: AbortSignal): Promise<void> {
    return this.follower.run(signal);
  }

  status = () => ({});
  readiness = async () => ({ isReady: true });
  protected async drain(): Promise<void> {}
}

const event = { vitrage_entity_type: 'doctor' };

describe('a node that appends', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('does not wait for ever for an entry that does not come by', async () => {
    const node = new LateNode();
    const waiting = node.appendAndWait({ kind: 'event', ...node.entryBase(), event });
    const said = expect(waiting).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
    await jest.advanceTimersByTimeAsync(20_000);
    await said;
    await node.stop();
  });

  it('answers with what became of it as soon as it is applied', async () => {
    const node = new LateNode();
    const waiting = node.appendAndWait({ kind: 'event', ...node.entryBase(), event });
    await jest.advanceTimersByTimeAsync(15_000);
    const ending = new AbortController();
    const running = node.begin(ending.signal);
    expect((await waiting).ordinal).toBe(1);
    ending.abort();
    await running;
    await node.stop();
  });
});
