import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const VERSION = '1';
const DESCRIPTION =
  'What caused this alarm? Vitrage’s endpoints in its shapes, with `at` for any moment of the past; and our own. ' +
  'Every answer states the position in the log that it describes in `X-Wherefore-Position`.';

/** The description of every endpoint, from the code. */
export function describeApi(app: NestExpressApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Wherefore')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Auth-Token' }, 'token')
    .addBearerAuth()
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'For /v1/event, with Keystone.' })
    .addSecurityRequirements('token')
    .addSecurityRequirements('bearer')
    .build();
  return SwaggerModule.createDocument(app, config, {
    autoTagControllers: false,
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
}

/** Serves the description at `/openapi.json`, and a page to browse it at `/docs`, made when first asked for. */
export function serveDescription(app: NestExpressApplication): void {
  let described: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (described ??= describeApi(app)), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Wherefore',
  });
}
