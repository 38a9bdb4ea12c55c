import type { IncomingMessage, ServerResponse } from 'node:http';

/** Goes on, or fails the request. */
export type Next = (error?: unknown) => void;

/** What a request passes on its way to an endpoint. */
export type Step = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

/** Several as one, in their order. */
export function inTurn(...steps: readonly Step[]): Step {
  return (request, response, next) => {
    const go = (at: number): void => {
      const step = steps[at];
      if (step === undefined) return next();
      step(request, response, (error?: unknown) => (error === undefined ? go(at + 1) : next(error)));
    };
    go(0);
  };
}
