// The thread of the clients: plays a scenario against every server at the same moments. The main thread reads and
// shows the events, so clients on it would have to wait.

import { parentPort, workerData } from 'node:worker_threads';
import { type Client, sleep } from '../clients/client.js';
import { Crowd } from '../clients/crowd.js';
import type { Moment } from '../clients/events.js';
import type { TallyFigures } from '../clients/tally.js';
import { nowUs } from '../lifecycle/clock.js';
import type { ClientConnection } from './comparison.js';
import { loadScenario } from './scenario.js';

export interface ClientsData {
  readonly scenario: string;
  readonly servers: readonly { readonly port: number; readonly isOurs: boolean }[];
  readonly connections: number;
  readonly patienceMs: number;
  /** Which servers are still there; one that ended is no longer driven. In the order of the servers, 1 for gone. */
  readonly gone: Int32Array;
}

export type ClientsMessage =
  | { readonly kind: 'step'; readonly atUs: number; readonly text: string }
  | { readonly kind: 'tallies'; readonly tallies: readonly TallyFigures[] }
  /** For each server what is new of its clients: a client's number, and all that is known of its connection. */
  | { readonly kind: 'connections'; readonly changed: readonly ReadonlyMap<number, ClientConnection>[] }
  | { readonly kind: 'done' };

const TELL_EVERY_MS = 100;
/** Between two steps, so that a viewer can see where one ends. */
const REST_MS = 300;

const { scenario: name, servers, connections, patienceMs, gone } = workerData as ClientsData;
const post = (message: ClientsMessage): void => parentPort!.postMessage(message);

/** The clients' connections to one server, on the common clock. */
class Connections {
  readonly #known = new Map<number, ClientConnection>();
  #changed = new Map<number, ClientConnection>();

  readonly watch = (number: number, startedAt: number, { fourTuple }: Client, { event }: Moment): void => {
    const at = nowUs();
    const known = this.#known.get(number) ?? { startedAt };
    const ends = fourTuple === undefined ? {} : { fourTuple };
    if (event === 'connecting') this.#set(number, { ...known, ...ends });
    else if (event === 'connected') this.#set(number, { ...known, ...ends, connectedAt: at });
    else if (event === 'closed') this.#set(number, { ...known, closedAt: at });
  };

  #set(number: number, connection: ClientConnection): void {
    this.#changed.set(number, connection);
    if (connection.closedAt === undefined) this.#known.set(number, connection);
    else this.#known.delete(number);
  }

  takeChanged(): ReadonlyMap<number, ClientConnection> {
    const changed = this.#changed;
    this.#changed = new Map();
    return changed;
  }
}

const connectionsOf = servers.map(() => new Connections());
const crowds = servers.map(
  ({ port, isOurs }, i) =>
    new Crowd({ address: '127.0.0.1', port }, patienceMs, { watch: connectionsOf[i]!.watch, isOurs }),
);
const tellTallies = (): void => {
  post({ kind: 'tallies', tallies: crowds.map(({ tally }) => tally.figures) });
  post({ kind: 'connections', changed: connectionsOf.map((each) => each.takeChanged()) });
};

const scenario = await loadScenario(name);
const timer = setInterval(tellTallies, TELL_EVERY_MS);
await scenario.run({
  connections,
  step: async (text, act) => {
    post({ kind: 'step', atUs: nowUs(), text });
    await Promise.all(crowds.filter((_, i) => Atomics.load(gone, i) === 0).map(act));
    tellTallies();
    await sleep(REST_MS);
  },
});
await Promise.all(crowds.map((crowd) => crowd.leave()));
clearInterval(timer);
tellTallies();
post({ kind: 'done' });
