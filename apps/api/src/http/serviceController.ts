import { Controller, Get } from '@nestjs/common';
import { Processes } from '../processes';
import type { Visit } from '../access/visit';
import { Asker } from './asker';
import { Endpoint } from './describing/endpoint';

/** The roles that one process holds, where there is only one. */
const ALL_ROLES = ['api', 'persister', 'processor'];

/** Who serves, in Vitrage's shape. */
@Controller('v1/service')
export class ServiceController {
  constructor(private readonly processes: Processes) {}

  @Endpoint({ tag: 'server', summary: 'The roles that there are, and their processes', answer: 'services' })
  @Get()
  async list(@Asker() asker: Visit): Promise<unknown> {
    asker.need('get service list');
    const { processes } = await this.processes.describe();
    const alive = processes.filter(({ state }) => state !== 'silent' && state !== 'ending');
    return alive.flatMap(({ role, host: hostname, pid: process, startedAt }) => {
      const created = `${startedAt.slice(0, 19)}+00:00`;
      const roles = role === 'all' ? ALL_ROLES : [role];
      return roles.map((each) => ({ name: `wherefore-${each}`, hostname, process, created }));
    });
  }
}
