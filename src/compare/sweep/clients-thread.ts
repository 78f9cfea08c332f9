// A thread of clients for one server: it holds idle connections, sends quick requests, or makes a load.
// There are two of them, so that ten thousand idle sockets do not slow down the measurement.

import { parentPort, workerData } from 'node:worker_threads';
import { Crowd } from '../../clients/crowd.js';
import { generateLoad } from '../../clients/load-generator.js';
import type { TallyFigures } from '../../clients/tally.js';
import type { SweepLoad } from './result.js';

export type ClientsTask =
  | { readonly kind: 'hold'; readonly count: number; readonly from: string | undefined }
  | { readonly kind: 'probe'; readonly requests: number }
  | { readonly kind: 'load'; readonly connections: number; readonly seconds: number };

export type ClientsReport =
  | { readonly kind: 'holding'; readonly held: number }
  /** Of all that were held so far. */
  | { readonly kind: 'hold'; readonly figures: TallyFigures }
  | { readonly kind: 'probe'; readonly figures: TallyFigures }
  | { readonly kind: 'load'; readonly load: SweepLoad };

const PATIENCE_MS = 30_000;
const AT_ONCE = 50;
const TELL_EVERY_MS = 100;
/** The server starts threads for the new connections, and V8 compiles what they run. */
const SETTLE_SECONDS = 0.25;

const { port } = workerData as { port: number };
const where = { address: '127.0.0.1', port };
const holders = new Crowd(where, PATIENCE_MS);

const post = (report: ClientsReport): void => parentPort!.postMessage(report);

parentPort!.on('message', async (task: ClientsTask) => {
  if (task.kind === 'hold') return hold(task.count, task.from);
  if (task.kind === 'probe') return probe(task.requests);
  return load(task.connections, task.seconds);
});

async function hold(count: number, from: string | undefined): Promise<void> {
  const timer = setInterval(
    () => post({ kind: 'holding', held: holders.tally.figures.answered }),
    TELL_EVERY_MS,
  );
  await holders.idle(count, AT_ONCE, from);
  clearInterval(timer);
  post({ kind: 'hold', figures: holders.tally.figures });
}

/** One after the other, each on a connection of its own. */
async function probe(requests: number): Promise<void> {
  const probing = new Crowd(where, PATIENCE_MS);
  await probing.quick({ requests, atOnce: 1 });
  post({ kind: 'probe', figures: probing.tally.figures });
}

async function load(connections: number, seconds: number): Promise<void> {
  const options = { connections, keepAlive: true, seconds, settleSeconds: SETTLE_SECONDS };
  const { answered, failed, requestsPerSecond = 0 } = await generateLoad(where, options);
  post({ kind: 'load', load: { connections, answered, failed, requestsPerSecond } });
}
