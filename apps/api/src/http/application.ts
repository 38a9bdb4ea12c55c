import 'reflect-metadata';
import { Module, type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Log } from '../log';
import { WhereforeNode } from '../node';
import { AlarmController, RcaController } from './alarmController';
import { AnswersController } from './answersController';
import { readBodies } from './bodies';
import { EventController } from './eventController';
import { keepPagesOut } from './guard';
import { HealthController } from './healthController';
import { FailureReplies, JsonReplies } from './replies';
import { SpanController } from './spanController';
import { TemplateController } from './templateController';
import { ResourcesController, TopologyController } from './topologyController';

/** The endpoints. What they need is the node, made before and outlived by it. */
@Module({})
class ApiModule {
  static over(node: WhereforeNode): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        HealthController,
        AnswersController,
        SpanController,
        AlarmController,
        RcaController,
        TopologyController,
        ResourcesController,
        EventController,
        TemplateController,
      ],
      providers: [{ provide: WhereforeNode, useValue: node }],
    };
  }
}

/** The HTTP application over a node; not listening yet. */
export async function createApplication(node: WhereforeNode, log: Log): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.over(node), {
    bodyParser: false,
    logger: bridged(log),
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(keepPagesOut);
  app.use(readBodies(node));
  app.useGlobalInterceptors(new JsonReplies(node));
  app.useGlobalFilters(new FailureReplies(node, log));
  return app;
}

/** Nest's own messages, in our log. Of its start, which lists every route, only at level debug. */
function bridged(log: Log): LoggerService {
  const at =
    (level: 'debug' | 'warn' | 'error' | 'fatal' | 'trace') =>
    (message: unknown, ...more: unknown[]) =>
      log[level]({ from: String(more.at(-1) ?? 'nest') }, String(message));
  return {
    log: at('debug'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    debug: at('debug'),
    verbose: at('trace'),
  };
}
