// The thread of the clients: plays a scenario against every server at the same moments. The main thread reads and
// shows the events, so clients on it would have to wait.

import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Client } from '../clients/client.js';
import { Crowd, type OnMoment } from '../clients/crowd.js';
import type { Moment } from '../clients/events.js';
import type { TallyFigures } from '../clients/tally.js';
import { nowUs } from '../lifecycle/clock.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import { OF_CONNECTIONS } from './client-connections.js';
import { loadScenario } from './scenario.js';

export interface ClientsData {
  readonly scenario: string;
  readonly servers: readonly { readonly port: number; readonly isOurs: boolean }[];
  readonly connections: number;
  readonly patienceMs: number;
  /** Which servers are still there; one that ended is no longer driven. In the order of the servers, 1 for gone. */
  readonly gone: Int32Array;
  /** As {@link Observer.everyMoment}. */
  readonly everyMoment: boolean;
}

export type ClientsMessage =
  | { readonly kind: 'step'; readonly atUs: number; readonly text: string }
  /** For each server what its clients have counted so far, and what has happened to them since, on the common clock. */
  | {
      readonly kind: 'news';
      readonly news: readonly { readonly tally: TallyFigures; readonly moments: readonly ClientMoment[] }[];
    }
  | { readonly kind: 'done' };

const TELL_EVERY_MS = 100;
/** Between two steps, so that a viewer can see where one ends. */
const REST_MS = 300;

const { scenario: name, servers, connections, patienceMs, gone, everyMoment } = workerData as ClientsData;
const post = (message: ClientsMessage): void => parentPort!.postMessage(message);

/** Without the bytes themselves. */
function recorded(at: number, client: number, { fourTuple }: Client, moment: Moment): ClientMoment {
  return {
    at,
    event: moment.event,
    client,
    ...(fourTuple === undefined ? {} : { fourTuple }),
    ...('bytes' in moment ? { bytes: moment.bytes } : {}),
    ...('withReset' in moment ? { withReset: moment.withReset } : {}),
  };
}

const told = servers.map(({ port, isOurs }) => {
  const moments: ClientMoment[] = [];
  const watch: OnMoment = (number, startedUs, client, moment) => {
    if (!everyMoment && !OF_CONNECTIONS.includes(moment.event)) return;
    const at = moment.event === 'connecting' ? startedUs : nowUs();
    moments.push(recorded(at, number, client, moment));
  };
  return { crowd: new Crowd({ address: '127.0.0.1', port }, patienceMs, { watch, isOurs }), moments };
});
const crowds = told.map(({ crowd }) => crowd);
const tellNews = (): void =>
  post({
    kind: 'news',
    news: told.map(({ crowd, moments }) => ({ tally: crowd.tally.figures, moments: moments.splice(0) })),
  });

const scenario = await loadScenario(name);
const timer = setInterval(tellNews, TELL_EVERY_MS);
await scenario.run({
  connections,
  step: async (text, act) => {
    post({ kind: 'step', atUs: nowUs(), text });
    await Promise.all(crowds.filter((_, i) => Atomics.load(gone, i) === 0).map(act));
    tellNews();
    await sleep(REST_MS);
  },
});
await Promise.all(crowds.map((crowd) => crowd.leave()));
clearInterval(timer);
tellNews();
post({ kind: 'done' });
