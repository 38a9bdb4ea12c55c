import type { Socket } from 'node:net';
import { AnswerReader } from './answerReader';

export interface PostOptions {
  /** From the call to the status of the answer; its body may take as long again. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

interface Exchange {
  readonly answer: AnswerReader;
  readonly signal: AbortSignal;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (status: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Hears what becomes of a connection. */
export interface ConnectionKeeper {
  /** Another request may be sent on it within that time. */
  free(connection: WebhookConnection, reusableMs: number): void;
  gone(connection: WebhookConnection): void;
}

/** One connection, with one request under way at a time. */
export class WebhookConnection {
  private exchange: Exchange | undefined;
  private failure: unknown;
  private requests = 0;
  /** Something came since the last request was sent. */
  private hasHeard = false;
  private isLost = false;
  /** Whom it listens to: the same for hours, so that no request has to add a listener of its own. */
  private heeded: AbortSignal | undefined;

  constructor(
    /** May still be connecting. */
    private readonly socket: Socket,
    private readonly keeper: ConnectionKeeper,
  ) {
    socket.on('data', (bytes: Buffer) => this.hear(bytes));
    socket.on('end', () => this.hearEnd());
    socket.on('error', (error) => (this.failure ??= error));
    socket.on('close', () => this.lose());
  }

  /**
   * Whether it was lost because its other end had given it up when the last request, not its first, was sent: nothing
   * came of that, and it may be sent again on another connection.
   */
  get wasGivenUp(): boolean {
    const { code } = (this.failure ?? {}) as NodeJS.ErrnoException;
    return this.isLost && this.requests > 1 && !this.hasHeard && (code === 'ECONNRESET' || code === 'EPIPE');
  }

  /** The status of the answer. Rejects with the reason of the signal, or with what kept an answer from coming. */
  post(request: Buffer, { timeoutMs, signal }: PostOptions): Promise<number> {
    if (signal.aborted) {
      this.end(signal.reason);
      return Promise.reject(signal.reason as Error);
    }
    this.heed(signal);
    this.requests += 1;
    this.hasHeard = false;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(new Error(`none within ${timeoutMs} ms`)), timeoutMs);
      this.exchange = { answer: new AnswerReader(), signal, timer, resolve, reject };
      this.socket.ref();
      this.socket.write(request);
    });
  }

  /** Ends it; a request that is under way fails with the reason. */
  end(reason?: unknown): void {
    this.failure ??= reason;
    this.socket.destroy();
    this.lose();
  }

  private hear(bytes: Buffer): void {
    this.hasHeard = true;
    const { exchange } = this;
    // Nobody asked for anything: whatever it is, it would be taken for the next answer.
    if (exchange === undefined) return this.end();
    const { answer, timer, resolve } = exchange;
    let failure: unknown;
    try {
      answer.accept(bytes);
    } catch (error) {
      failure = error;
    }
    if (answer.status !== undefined) resolve(answer.status);
    if (failure !== undefined) return this.end(failure);
    if (answer.status === undefined) return;
    if (answer.isDone) this.settle(exchange);
    else if (answer.isTooLong) this.end();
    else timer.refresh();
  }

  private hearEnd(): void {
    if (this.exchange?.answer.end() === true) this.settle(this.exchange);
    else if (this.exchange === undefined) this.end();
  }

  /** The answer has come as a whole. */
  private settle({ answer, timer }: Exchange): void {
    clearTimeout(timer);
    this.exchange = undefined;
    const { reusableMs } = answer;
    if (reusableMs === 0) return this.end();
    // One that lies idle keeps no process from ending.
    this.socket.unref();
    this.keeper.free(this, reusableMs);
  }

  private lose(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.heeded?.removeEventListener('abort', this.stop);
    this.keeper.gone(this);
    const { exchange } = this;
    if (exchange === undefined) return;
    this.exchange = undefined;
    clearTimeout(exchange.timer);
    this.failure ??= Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
    // Without effect where the status has come: how the rest ends is no matter.
    exchange.reject(this.failure);
  }

  private heed(signal: AbortSignal): void {
    if (this.heeded === signal) return;
    this.heeded?.removeEventListener('abort', this.stop);
    this.heeded = signal;
    signal.addEventListener('abort', this.stop);
  }

  private readonly stop = (): void => {
    if (this.exchange !== undefined) this.end(this.exchange.signal.reason);
  };
}
