import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';

/**
 * Middleware that sets helmet's headers. They are the same for every request, so helmet is asked once: its thirteen
 * functions, one after the other, cost more than a small answer.
 */
export function securityHeaders(): (request: Request, response: Response, next: NextFunction) => void {
  // The server speaks plain HTTP: whether there is TLS before it is for the proxy there to say.
  const directives = { 'upgrade-insecure-requests': null };
  const headers = new Map<string, string>();
  const listening = {
    setHeader: (name: string, value: string) => void headers.set(name, value),
    removeHeader: (name: string) => void headers.delete(name),
  };
  const ask = helmet({ strictTransportSecurity: false, contentSecurityPolicy: { directives } });
  ask({} as IncomingMessage, listening as unknown as ServerResponse, () => undefined);
  const pairs = [...headers];
  return (_request, response, next) => {
    for (const [name, value] of pairs) response.setHeader(name, value);
    next();
  };
}
