/** One private broker on loopback, on a port of its own. */
export interface RabbitmqServer {
  /** `amqp://…`, with user and password. */
  readonly url: string;
  /** Ends it without warning (`kill -9`). Settles when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill`. */
  restart(): Promise<void>;
  /** It stops answering, but its connections stay (`SIGSTOP`). */
  pause(): void;
  resume(): void;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

/** What a client needs to reach the server. */
export interface MariadbAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** One private instance on loopback, on a port of its own. */
export interface MariadbServer extends MariadbAddress {
  /** Ends it without warning (`kill -9`). Settles when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill` or `shutDown`. Other options may be given. */
  restart(options?: readonly string[]): Promise<void>;
  /** Ends it in good order; the data stays. */
  shutDown(): Promise<void>;
  /** It stops answering, but its connections stay (`SIGSTOP`). */
  pause(): void;
  resume(): void;
  /** Ends it, and removes its data unless a folder was given. */
  stop(): Promise<void>;
}
