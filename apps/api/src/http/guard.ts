import { isLoopback } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import { refuse } from './answerHead';
import { failureBody } from './failure';
import type { Step } from './inTurn';

/**
 * Step that keeps web pages out of a server that asks nobody who they are, those of `corsOrigins` excepted. A browser on this machine reaches loopback for any page that it
 * shows: one that posts is told by `Origin`, one whose name was made to point here by `Host`.
 */
export function keepPagesOut(corsOrigins: readonly string[]): Step {
  /** By whose name a request came last that was let in: nearly all come by one. */
  let hereBefore: string | undefined;
  return (request, response, next) => {
    const { host, origin } = request.headers;
    if (host !== undefined && host === hereBefore && origin === undefined) return next();
    const isWelcome = origin !== undefined && corsOrigins.includes(origin);
    const stranger = [host === undefined ? undefined : `http://${host}`, isWelcome ? undefined : origin].find(
      (url) => url !== undefined && !isHere(url),
    );
    if (stranger === undefined) {
      hereBefore = host;
      return next();
    }
    const fault = new WhereforeError('address-not-loopback', `a request by way of ${stranger} is not answered`, {
      hint: 'Call this server by a loopback address, such as http://127.0.0.1:8999.',
    });
    const body = failureBody(fault);
    refuse(response, body.code, body);
  };
}

function isHere(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'));
}
