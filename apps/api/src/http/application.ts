import 'reflect-metadata';
import { Module, type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Config, Log } from '@wherefore/host';
import type { Access } from '../access/openAccess';
import { ApiNode } from '../apiNode';
import { Processes } from '../processes';
import { AlarmController, RcaController } from './alarmController';
import { account } from './accounting';
import { POSITION_HEADER, REQUEST_ID_HEADER } from './answerHead';
import { AnswersController } from './answersController';
import { authenticate } from './authentication';
import { readBodies } from './bodies';
import { serveDescription } from './describing/openapi';
import { EventController } from './eventController';
import { awaitCatchUp } from './catchUp';
import { keepPagesOut } from './guard';
import { HealthController } from './healthController';
import { inTurn, type Step } from './inTurn';
import { KeptAnswers } from './keptAnswers';
import { MINIMUM_POSITION_HEADER, awaitPosition } from './minimumPosition';
import { RateLimit } from './rateLimit';
import { FailureReplies, JsonAdapter } from './replies';
import { securityHeaders } from './securityHeaders';
import { ServiceController } from './serviceController';
import { SpanController } from './spanController';
import { TemplateController } from './templateController';
import { ResourcesController, TopologyController } from './topologyController';
import { WebhookController } from './webhookController';

/** The endpoints. What they need is the node, made before and outlived by it. */
@Module({})
class ApiModule {
  static over(node: ApiNode, processes: Processes): DynamicModule {
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
        WebhookController,
        ServiceController,
      ],
      providers: [
        { provide: ApiNode, useValue: node },
        { provide: Processes, useValue: processes },
      ],
    };
  }
}

/** What the application stands on. */
export interface ApplicationParts {
  readonly node: ApiNode;
  readonly processes: Processes;
  readonly config: Config;
  readonly access: Access;
  readonly log: Log;
}

/** The HTTP application over a node; not listening yet. */
export async function createApplication(parts: ApplicationParts): Promise<NestExpressApplication> {
  const { node, processes, config, log } = parts;
  const kept = new KeptAnswers(node);
  const { arrival, admission } = stepsOf(parts, kept);
  const { corsOrigins } = config.server;
  const adapter = new JsonAdapter(node, kept, corsOrigins.length > 0 ? arrival : inTurn(arrival, admission));
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.over(node, processes), adapter, {
    bodyParser: false,
    logger: bridged(log),
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.set('etag', false);
  if (corsOrigins.length > 0) {
    // Pages are told what they may ask for before anybody is asked who they are.
    app.enableCors(corsOf(corsOrigins));
    app.use(admission);
  }
  serveDescription(app);
  app.useGlobalFilters(new FailureReplies(node, log));
  return app;
}

/** `get /v1/alarm/{id}`: the endpoints of an application that is listening. */
export function routesOf(app: NestExpressApplication): string[] {
  const { router } = app.getHttpAdapter().getInstance() as unknown as { router: { stack: readonly RouterLayer[] } };
  const routes = router.stack.flatMap(({ route }) =>
    route === undefined ? [] : Object.keys(route.methods).map((method) => `${method} ${named(String(route.path))}`),
  );
  return routes.filter((route) => !/^get \/(docs|openapi\.(json|yaml))/.test(route));
}

interface RouterLayer {
  readonly route?: { readonly path: string; readonly methods: { readonly [method: string]: boolean } };
}

function named(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** What every request passes, in this order. Nothing is read of a body before it is known who sent it. */
function stepsOf(
  { node, config, access, log }: ApplicationParts,
  kept: KeptAnswers,
): { readonly arrival: Step; readonly admission: Step } {
  const { corsOrigins, requestsPerSecond } = config.server;
  const clock = { nowMs: () => node.nowMs() };
  const guard = access.isOpen ? [keepPagesOut(corsOrigins)] : [];
  const limit = new RateLimit(requestsPerSecond, clock);
  const who = authenticate(access, limit, log);
  return {
    arrival: inTurn(account(node, log, securityHeaders()), ...guard),
    admission: inTurn(who, awaitCatchUp(node), readBodies(node), awaitPosition(node), kept.answer),
  };
}

function corsOf(origins: readonly string[]): Parameters<NestExpressApplication['enableCors']>[0] {
  return {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['content-type', 'x-auth-token', 'authorization', 'idempotency-key', MINIMUM_POSITION_HEADER],
    exposedHeaders: [POSITION_HEADER, REQUEST_ID_HEADER],
    maxAge: 600,
  };
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
