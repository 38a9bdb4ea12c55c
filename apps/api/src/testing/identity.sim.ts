import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Json, JsonObject } from '@wherefore/model';

/** A request as the service saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json;
}

/** What the service answers. */
export interface ServiceReply {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
}

/** A small HTTP server on a free port of loopback, that answers as it is told and remembers. */
export interface SmallService {
  readonly url: string;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

export async function startService(answer: (request: SeenRequest) => ServiceReply): Promise<SmallService> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: body === '' ? null : (JSON.parse(body) as Json) };
      seen.push(one);
      const reply = answer(one);
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.end(JSON.stringify(reply.body ?? {}));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

/** A token as Keystone describes it. */
export function keystoneToken(name: string, project: string | undefined, roles: readonly string[]): JsonObject {
  return {
    token: {
      methods: ['password'],
      user: { domain: { id: 'default', name: 'Default' }, id: `id-of-${name}`, name, password_expires_at: null },
      audit_ids: ['emSJCW3nR4uQoQtOD_Q4vw'],
      expires_at: '2026-11-21T18:00:00.000000Z',
      issued_at: '2026-11-21T17:00:00.000000Z',
      ...(project === undefined
        ? {}
        : { project: { domain: { id: 'default', name: 'Default' }, id: project, name: `name of ${project}` } }),
      is_domain: false,
      roles: roles.map((role) => ({ id: `id-of-${role}`, name: role })),
    },
  };
}

export const UNAUTHORISED: Json = {
  error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
};
