import { Controller, Get, Headers, Req, Res } from '@nestjs/common';
import { formatPosition } from '@wherefore/model';
import type { Request, Response } from 'express';
import { ApiNode } from '../apiNode';
import { Processes } from '../processes';
import type { Visit } from '../access/visit';
import { Answer } from './answer';
import { Asker } from './asker';
import { POSITION_HEADER } from './answerHead';
import { Endpoint } from './describing/endpoint';

/** Who is there, and whether it is well. */
@Controller()
export class HealthController {
  constructor(
    private readonly node: ApiNode,
    private readonly processes: Processes,
  ) {}

  @Endpoint({ tag: 'server', summary: 'Versions of the API', answer: 'anything' })
  @Get()
  versions(@Req() request: Request): unknown {
    const href = `${request.protocol}://${request.get('host') ?? ''}/v1/`;
    return { versions: [{ status: 'CURRENT', links: [{ rel: 'self', href }], id: 'v1.0', updated: '2015-11-29' }] };
  }

  @Endpoint({ tag: 'server', summary: 'Health, as Vitrage', isText: true, answer: 'anything' })
  @Get('healthcheck')
  healthcheck(@Headers('accept') accept: string | undefined, @Res() response: Response): void {
    response.setHeader(POSITION_HEADER, formatPosition(this.node.position));
    if (accept?.includes('application/json')) response.json({ detailed: false, reasons: ['OK'] });
    else response.type('text/plain').send('OK');
  }

  @Endpoint({ tag: 'server', summary: 'Status, as Vitrage', answer: 'status' })
  @Get('v1/status')
  status(@Asker() asker: Visit): Answer {
    asker.need('get status');
    return Answer.lasting(this.node.position, { reason: 'OK' });
  }

  @Endpoint({ tag: 'server', summary: 'Whether the process is alive', answer: 'anything' })
  @Get('healthz')
  healthz(): unknown {
    return { status: 'ok' };
  }

  @Endpoint({ tag: 'server', summary: 'Whether it is close enough to the head of the log', answer: 'readiness' })
  @Get('readyz')
  async readyz(@Res() response: Response): Promise<void> {
    const { isReady, offsetsBehind, reason } = await this.node.readiness();
    response.setHeader(POSITION_HEADER, formatPosition(this.node.position));
    const status = isReady ? 'ready' : (reason ?? 'not ready');
    response.status(isReady ? 200 : 503).json({ status, ...(offsetsBehind === undefined ? {} : { offsetsBehind }) });
  }

  @Endpoint({ tag: 'server', summary: 'Metrics, for Prometheus', isText: true, answer: 'metrics' })
  @Get('metrics')
  async metrics(@Res() response: Response): Promise<void> {
    const { contentType, text } = await this.processes.metrics();
    response.type(contentType).send(text);
  }

  @Endpoint({ tag: 'server', summary: 'Every process, and whether all is well', answer: 'processes' })
  @Get('v1/processes')
  async list(@Asker() asker: Visit): Promise<unknown> {
    asker.need('list processes');
    return this.processes.describe();
  }
}
