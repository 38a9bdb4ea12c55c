import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { PAGE_ICON, PAGE_STYLE } from './pageStyle';

const VERSION = '1';
const DESCRIPTION =
  'What caused this alarm? Vitrage’s endpoints in its shapes, with `at` for any moment of the past; and our own. ' +
  'Every answer states the position in the log that it describes in `X-Wherefore-Position`.';

/** What endpoints are about, in the order in which somebody who comes for the first time wants them. */
const TAGS = {
  why: 'What caused an alarm, and our own answers about any moment.',
  alarms: 'Active ones, those that were, and how they hang together.',
  resources: 'The cloud as a graph, as a tree, or as a list.',
  events: 'What monitors and operators report.',
  templates: 'By which rules alarms and states follow from each other.',
  webhooks: 'Who is told of alarms.',
  server: 'How the server is.',
} as const;

/** The description of every endpoint, from the code. */
export function describeApi(app: NestExpressApplication): OpenAPIObject {
  const builder = new DocumentBuilder();
  for (const [tag, about] of Object.entries(TAGS)) builder.addTag(tag, about);
  const config = builder
    .setTitle('Wherefore')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Auth-Token' }, 'token')
    .addBearerAuth()
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'For /v1/event, with Keystone.' })
    .addSecurityRequirements('token')
    .addSecurityRequirements('bearer')
    .build();
  const described = SwaggerModule.createDocument(app, config, {
    autoTagControllers: false,
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
  for (const [path, { get }] of Object.entries(described.paths)) if (get && !isGuarded(path)) get.security = [];
  return described;
}

/** What asks nobody who they are is only read, and lies outside of the API itself. */
function isGuarded(path: string): boolean {
  return path.startsWith('/v1');
}

/** Serves the description at `/openapi.json`, and a page to browse it at `/docs`, made when first asked for. */
export function serveDescription(app: NestExpressApplication): void {
  let described: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (described ??= describeApi(app)), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Wherefore · REST API',
    customCss: PAGE_STYLE,
    customfavIcon: PAGE_ICON,
    swaggerOptions: { displayRequestDuration: true, filter: true, defaultModelsExpandDepth: -1 },
  });
}
