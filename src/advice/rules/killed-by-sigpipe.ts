// A server that died of writing to a client that had gone.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerState } from '../../lifecycle/state.js';
import { type Advice, connectionName, type Rule } from '../rule.js';

export class KilledBySigpipe implements Rule {
  /** The last connection that turned out to be reset, by the process that found it so; undefined is the first process. */
  readonly #reset = new Map<number | undefined, { readonly connection: number; readonly fd: number }>();

  take(event: LifecycleEvent, { listening }: ServerState): Advice | undefined {
    if (event.event === 'reset') this.#reset.set(event.pid, event);
    if (event.event !== 'process-ended' || event.signal !== 'SIGPIPE') return undefined;
    const isServer = event.child === listening?.pid;
    const on = this.#reset.get(isServer ? undefined : event.child);
    return {
      ...(on === undefined ? {} : { connection: on.connection, fd: on.fd }),
      happened: `SIGPIPE killed ${isServer ? 'the server' : `process ${event.child}`}: it sent to ${on === undefined ? 'a client' : connectionName(on)} after that client had gone`,
      matters: isServer
        ? 'Any client can end this server: it only has to leave before its reply is sent.'
        : 'Any client can end such a process: it only has to leave before its reply is sent.',
      instead:
        'Ignore the signal, or send with MSG_NOSIGNAL. Then send gives EPIPE, and you close that connection alone.',
      page: 'send(2)',
    };
  }
}
