import type { NextFunction, Request, Response } from 'express';

/** What a request passes on its way to an endpoint. */
export type Middleware = (request: Request, response: Response, next: NextFunction) => void;

/**
 * Several as one, in their order: the router asks of each one, for every request, whether its path matches, which takes
 * longer than most of them.
 */
export function inTurn(...steps: readonly Middleware[]): Middleware {
  return (request, response, next) => {
    const go = (at: number): void => {
      const step = steps[at];
      if (step === undefined) return next();
      step(request, response, (error?: unknown) => (error === undefined ? go(at + 1) : next(error)));
    };
    go(0);
  };
}
