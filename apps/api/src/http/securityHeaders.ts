import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * Helmet's headers, names and values in turn. They are the same for every request, so helmet is asked once: its thirteen
 * functions, one after the other, cost more than a small answer.
 */
export function securityHeaders(): readonly string[] {
  // The server speaks plain HTTP: whether there is TLS before it is for the proxy there to say.
  const directives = { 'upgrade-insecure-requests': null };
  const headers = new Map<string, string>();
  const listening = {
    setHeader: (name: string, value: string) => void headers.set(name, value),
    removeHeader: (name: string) => void headers.delete(name),
  };
  const ask = helmet({ strictTransportSecurity: false, contentSecurityPolicy: { directives } });
  ask({} as IncomingMessage, listening as unknown as ServerResponse, () => undefined);
  return [...headers].flat();
}
