// The one request handler that every model feeds: a request in, a reply out, and no I/O.
// The paths of the program's contract are here.

import { formatFourTuple } from '../net/four-tuple.js';
import { type ConnectionFacts, clientName, connectionPage } from './connection-page.js';
import { prefersHtml } from './prefers-html.js';
import { makeReply, type Reply, type ReplyParts } from './reply.js';
import type { BadRequest, Request } from './request.js';

/** Returns the reply to a request. It calls `describe` only if the reply shows the connection's facts. */
export type Handler = (request: Request | BadRequest, describe: () => ConnectionFacts) => Reply;

export interface HandlerOptions {
  /** Whether a connection is kept open when its client asks for that. */
  readonly keepAlive: boolean;
  /** Milliseconds of /sleep and /compute. */
  readonly maxMs: number;
  /** Bytes of /bytes. */
  readonly maxBytes: number;
}

const HELLO: ReplyParts = { status: 200, body: 'Hello, world!' };

export function createHandler({ keepAlive, maxMs, maxBytes }: HandlerOptions): Handler {
  // The reply to `GET /` is the one that benchmarks ask for: it is made once for each way it can go.
  const helloClose = makeReply(HELLO, 'close');
  const helloKeep = makeReply(HELLO, 'keep');

  return (request, describe) => {
    if (request.kind === 'bad-request') {
      return makeReply({ status: request.status, body: `${request.problem}\n` }, 'linger');
    }
    const afterwards = request.hasBody ? 'linger' : keepAlive && request.keepAlive ? 'keep' : 'close';
    if (request.target === '/' && request.method === 'GET' && request.version === 'HTTP/1.1') {
      if (afterwards === 'keep') return helloKeep;
      if (afterwards === 'close') return helloClose;
    }
    return makeReply(answer(request, describe, afterwards === 'keep'), afterwards, request);
  };

  function answer(request: Request, describe: () => ConnectionFacts, kept: boolean): ReplyParts {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return {
        status: 405,
        body: 'This server answers GET and HEAD only.\n',
        headers: ['Allow: GET, HEAD'],
      };
    }
    const { path, query } = splitTarget(request.target);
    switch (path) {
      case '/':
        return HELLO;
      case '/connection':
        return aboutConnection(describe(), kept, request);
      case '/sleep':
        return withNumber(query, 'ms', maxMs, (ms) => ({ body: `Slept ${ms} ms.\n`, sleepMs: ms }));
      case '/compute':
        return withNumber(query, 'ms', maxMs, (ms) => ({
          body: `Computed ${ms} ms.\n`,
          computeMs: ms,
        }));
      case '/bytes':
        return withNumber(query, 'count', maxBytes, (count) => ({ body: '', fillerBytes: count }));
      default:
        return {
          status: 404,
          body: 'No such path. Try /, /connection, /sleep?ms=N, /compute?ms=N or /bytes?count=N.\n',
        };
    }
  }
}

/** Path and query of a target, in the origin form or in the absolute form (RFC 9112, section 3.2). */
function splitTarget(target: string): { path: string; query: string } {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0].length ?? 0;
  const mark = target.indexOf('?', origin);
  const path = target.slice(origin, mark < 0 ? undefined : mark);
  return { path: path === '' && origin > 0 ? '/' : path, query: mark < 0 ? '' : target.slice(mark + 1) };
}

function withNumber(
  query: string,
  name: string,
  most: number,
  make: (value: number) => Omit<ReplyParts, 'status'>,
): ReplyParts {
  const text = new URLSearchParams(query).get(name);
  if (text === null || !/^\d{1,15}$/.test(text) || Number(text) > most) {
    return { status: 400, body: `The query must have ${name}=N, with N a whole number from 0 to ${most}.\n` };
  }
  return { status: 200, ...make(Number(text)) };
}

/** It depends on Accept and on the connection, so no cache may keep it (RFC 9110, 12.5.5; RFC 9111, 5.2.2.5). */
function aboutConnection(facts: ConnectionFacts, kept: boolean, { accept, target }: Request): ReplyParts {
  const client = clientName(target);
  const headers = ['Vary: Accept', 'Cache-Control: no-store'];
  return prefersHtml(accept)
    ? { status: 200, type: 'text/html', body: connectionPage(facts, kept, client), headers }
    : { status: 200, body: describeConnection(facts, client), headers };
}

function describeConnection(facts: ConnectionFacts, client: string | undefined): string {
  return [
    `4-tuple     ${formatFourTuple(facts.fourTuple)}`,
    `connection  ${facts.connection}`,
    `fd          ${facts.fd}`,
    `thread      ${facts.thread} (tid ${facts.tid})`,
    `model       ${facts.model}`,
    ...(client === undefined ? [] : [`client      ${client}`]),
    '',
  ].join('\n');
}
