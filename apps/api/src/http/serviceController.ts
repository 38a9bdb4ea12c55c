import { hostname } from 'node:os';
import { Controller, Get } from '@nestjs/common';
import type { Visit } from '../access/visit';
import { Asker } from './asker';
import { Endpoint } from './describing/endpoint';

/** The roles that one process holds. */
const ROLES = ['wherefore-api', 'wherefore-persister', 'wherefore-processor'];

/** Who serves, in Vitrage's shape. */
@Controller('v1/service')
export class ServiceController {
  private readonly created = `${new Date(Date.now() - process.uptime() * 1000).toISOString().slice(0, 19)}+00:00`;

  @Endpoint({ tag: 'server', summary: 'The roles of this process', answer: 'services' })
  @Get()
  list(@Asker() asker: Visit): unknown {
    asker.need('get service list');
    return ROLES.map((name) => ({ name, hostname: hostname(), process: process.pid, created: this.created }));
  }
}
