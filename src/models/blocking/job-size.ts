// How long a job is before anyone has begun it: the first request of a connection that waits in a pool's queue.
// It is looked at where the kernel has it, with MSG_PEEK, and stays there for the thread that will serve it.

import type { ConnectionFacts } from '../../http/connection-page.js';
import type { Handler } from '../../http/handler.js';
import { RequestReader } from '../../http/request-reader.js';
import { wouldBlock } from '../../posix/errors.js';
import type { Calls } from '../calls.js';
import { type Choose, type Place, UNKNOWN } from './connection-queue.js';

/** Bytes that are taken to cost a thread a millisecond, for /bytes. */
const BYTES_A_MS = 1_000_000;

const NOBODY: ConnectionFacts = {
  mode: '',
  model: '',
  loops: 1,
  fourTuple: ['', 0, '', 0],
  connection: 0,
  fd: -1,
  thread: '',
  tid: 0,
};

/** Picks the connection that asks for the least; one that has not asked yet goes last. */
export function shortestFirst(calls: Calls, handle: Handler, maxHead: number): Choose {
  const buffer = Buffer.alloc(maxHead);

  function sizeOf({ connection: id, fd }: Place): number {
    const bytes = calls.peek({ id, fd }, buffer);
    if (wouldBlock(bytes)) return UNKNOWN;
    if (bytes <= 0) return 0; // the client has gone: a thread is soon done with it
    const reader = new RequestReader(maxHead);
    reader.push(buffer, bytes);
    const request = reader.next();
    if (request === undefined) return UNKNOWN;
    const { sleepMs, computeMs, fillerBytes } = handle(request, () => NOBODY);
    return sleepMs + computeMs + fillerBytes / BYTES_A_MS;
  }

  return (waiting) => {
    let shortest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, place] of waiting.entries()) {
      if (place.size === UNKNOWN) place.size = sizeOf(place);
      if (place.size === UNKNOWN || place.size >= least) continue;
      shortest = index;
      least = place.size;
    }
    return shortest;
  };
}

/** Picks whoever came first. */
export const firstCome: Choose = () => 0;
