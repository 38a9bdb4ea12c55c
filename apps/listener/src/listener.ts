import 'reflect-metadata';
import { type DynamicModule, type INestMicroservice, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ReadingOptions } from '@wherefore/datasources';
import { WhereforeError } from '@wherefore/model';
import { ALL_DATASOURCES, type EventLog, type PollRequests, type Timer } from '@wherefore/ports';
import { Intake } from './intake';
import { IntakeController } from './intakeController';
import { PollWishes } from './pollWishes';
import type { BusSettings } from './transport/busSettings';
import { NotificationTransport } from './transport/notificationTransport';

/** What a listener tells operators. */
export interface ListenerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface ListenerParts {
  readonly settings: BusSettings;
  readonly reading: ReadingOptions;
  readonly log: Pick<EventLog, 'append' | 'newest'>;
  readonly polls: PollRequests;
  readonly timer: Timer;
  readonly journal: ListenerLog;
  /** Nest's own messages. Default: none. */
  readonly nestLogger?: LoggerService | false;
}

/** How a listener is. */
export interface ListenerState {
  /** Whether it has been given messages since it attached last: of several, the one that is at work. */
  readonly isActive: boolean;
  /** When it was last given a message; 0 if never. */
  readonly lastMessageAtMs: number;
  readonly trouble: WhereforeError | undefined;
  /** Exchanges that are not bound, with the reason. */
  readonly missing: ReadonlyMap<string, string>;
  readonly messages: number;
  readonly ignored: number;
  readonly entries: number;
  readonly rejected: number;
  readonly redelivered: number;
  /** Times that messages may have been lost. */
  readonly gaps: number;
}

/** Nest's module of the listener. */
@Module({})
class ListenerModule {
  static over(intake: Intake): DynamicModule {
    const providers = [{ provide: Intake, useValue: intake }];
    return { module: ListenerModule, controllers: [IntakeController], providers };
  }
}

/**
 * Listens to the notifications of a cloud on Wherefore's own queue, and appends to the log what they tell. Of several
 * listeners on one queue one is at work, and the others stand by.
 */
export class Listener {
  /** Settles when it listens no more: with what ended it, or with `undefined` after `stop`. */
  readonly ended: Promise<unknown>;
  private isActive = false;
  private lastMessageAtMs = 0;
  private redelivered = 0;
  private gaps = 0;
  private trouble: WhereforeError | undefined;
  private hasHeard = false;
  private missing: ReadonlyMap<string, string> = new Map();

  private constructor(
    private readonly parts: ListenerParts,
    private readonly intake: Intake,
    private readonly transport: NotificationTransport,
    private readonly wishes: PollWishes,
    private readonly app: INestMicroservice,
  ) {
    this.ended = transport.ended;
    transport.on('gap', (reason) => this.lose(reason));
    transport.on('trouble', (trouble) => this.hear(trouble));
    transport.on('bindings', ({ bound, missing }) => {
      this.missing = missing;
      parts.journal.info({ bound: [...bound], missing: Object.fromEntries(missing) }, 'bound to the exchanges');
    });
    transport.on('kept', (messages, dead) => {
      this.isActive = true;
      this.lastMessageAtMs = parts.timer.nowMs();
      for (const { isRedelivered } of messages) if (isRedelivered) this.redelivered += 1;
      for (const { rejection } of dead) parts.journal.warn({ ...rejection }, 'a message cannot be read');
    });
  }

  /** Listens from now on, as soon as the broker answers. */
  static async start(parts: ListenerParts): Promise<Listener> {
    const { settings, reading, log, polls, timer } = parts;
    const wishes = new PollWishes(polls, timer);
    const intake = new Intake(log, timer, reading, (datasource) =>
      wishes.want(datasource, 'a message told half of a change'),
    );
    const transport = new NotificationTransport(settings, timer, () => log.newest());
    const app = await NestFactory.createMicroservice(ListenerModule.over(intake), {
      strategy: transport,
      logger: parts.nestLogger ?? false,
      abortOnError: false,
    });
    const listener = new Listener(parts, intake, transport, wishes, app);
    await app.listen();
    return listener;
  }

  get state(): ListenerState {
    const { isActive, lastMessageAtMs, trouble, missing, redelivered, gaps } = this;
    return { isActive, lastMessageAtMs, trouble, missing, redelivered, gaps, ...this.intake.counts };
  }

  /** Finishes what is being kept, and leaves the rest to the queue. */
  async stop(): Promise<void> {
    await this.app.close();
    await this.wishes.close();
  }

  private lose(reason: string): void {
    this.gaps += 1;
    this.isActive = false;
    this.parts.journal.warn({ reason }, 'messages of the bus may have been lost: every datasource is to be polled');
    this.wishes.want(ALL_DATASOURCES, reason);
  }

  private hear(trouble: WhereforeError | undefined): void {
    if (this.hasHeard && trouble?.message === this.trouble?.message) return;
    this.hasHeard = true;
    this.trouble = trouble;
    if (trouble === undefined) this.parts.journal.info({}, 'listening');
    else {
      this.isActive = false;
      this.parts.journal.warn({ code: trouble.code, hint: trouble.hint }, trouble.message);
    }
  }
}
