import type { IncomingMessage } from 'node:http';
import express, { type Request } from 'express';
import { pathOf } from './answerHead';

const TARGETS = [
  '/',
  '/v1/alarm/',
  '/v1/alarm?limit=1',
  '/v1/alarm/?a=/v2/?b',
  '//v1/alarm',
  '/v1//alarm/%2e%2e/status',
  '/%76%31/alarm',
  '/V1/alarm',
  '/v1/alarm#part?limit=1',
  '/v1/al\u00a0arm?x',
  '/v1\\alarm',
  '/é?ü',
  'http://127.0.0.1:8999/v1/alarm?limit=1',
  'http://127.0.0.1:8999',
  'v1/alarm',
  '*',
  '?/v1/alarm',
];

it('reads the path of a request as the router does', () => {
  for (const url of TARGETS) {
    const routed = Object.assign(Object.create(express.request) as Request, { url });
    expect([url, pathOf({ url } as IncomingMessage)]).toEqual([url, routed.path ?? '']);
  }
});
