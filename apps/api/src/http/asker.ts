import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { assert } from '@wherefore/model';
import { visitOf, type Visit } from '../access/visit';

/** Who sent the request: a parameter of every endpoint below `/v1`. */
export const Asker = createParamDecorator((_: unknown, context: ExecutionContext): Visit => {
  const visit = visitOf(context.switchToHttp().getRequest<object>());
  assert(visit, 'an endpoint was reached without authentication');
  return visit;
});
