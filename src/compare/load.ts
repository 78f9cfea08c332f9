// A server alone, under the load that autocannon puts on, over connections that are kept.
// The server tells no events meanwhile, so that nothing but serving costs it time.

import { latenciesOf, latencyHistogram } from '../clients/tally.js';
import type { Listening } from '../lifecycle/events.js';
import type { Mode } from '../models/options.js';
import { aborted } from './aborted.js';
import type { LoadFigures } from './comparison.js';
import { KernelWatch } from './kernel-figures.js';
import { ServerProcess } from './server-process.js';

/** Long enough for V8 to have compiled what it runs, in seconds. */
const WARM_UP_SECONDS = 1;

export interface Load {
  readonly connections: number;
  readonly seconds: number;
}

/** Figures, or the sentence that says why the server did not live through it; neither where `until` was aborted. */
export async function loadAlone(
  mode: Mode,
  load: Load,
  until: AbortSignal,
): Promise<{ figures?: LoadFigures; failure?: string }> {
  const server = new ServerProcess(mode, ['--keep-alive', '--port=0', '--detail=none'], () => {});
  const over = new AbortController();
  const ended = server.ended.then((failure) => {
    over.abort();
    return failure === undefined ? {} : { failure };
  });
  const early = aborted(until);
  early.then(() => over.abort());
  try {
    const listening = await Promise.race([server.listening, early]);
    const figures = listening && (await measure(listening, load, over.signal));
    if (until.aborted) return {};
    if (figures !== undefined) return { figures };
    return over.signal.aborted
      ? await ended
      : { failure: 'No request was answered under load. Run it again.' };
  } finally {
    await server.stop();
  }
}

/** Undefined where the server ended meanwhile, or answered nothing. */
async function measure(
  { pid, port }: Listening,
  { connections, seconds }: Load,
  until: AbortSignal,
): Promise<LoadFigures | undefined> {
  const watch = new KernelWatch(pid);
  await cannonade(port, connections, WARM_UP_SECONDS, until);
  const before = watch.look();
  const { histogram, answered, failed, took } = await cannonade(port, connections, seconds, until);
  const after = watch.look();
  const latency = latenciesOf(histogram);
  if (latency === undefined || until.aborted) return undefined;
  return {
    connections,
    seconds: took,
    answered,
    failed,
    requestsPerSecond: answered / took,
    latency,
    ...(before && after && { cpuUsPerRequest: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / answered }),
  };
}

/** What is answered in the first `settleSeconds` is not counted. autocannon's clock ticks in whole seconds. */
export async function cannonade(
  port: number,
  connections: number,
  seconds: number,
  until: AbortSignal,
  settleSeconds = 0,
) {
  const { default: autocannon } = await import('autocannon');
  const histogram = latencyHistogram();
  let answered = 0;
  let failed = 0;
  const began = performance.now() + settleSeconds * 1e3;
  let ended = began;
  await new Promise<void>((resolve, reject) => {
    const instance = autocannon(
      { url: `http://127.0.0.1:${port}/`, connections, duration: seconds },
      (error: Error | null) => (error === null ? resolve() : reject(error)),
    );
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      const now = performance.now();
      if (now < began) return;
      ended = now;
      if (status !== 200) {
        failed++;
        return;
      }
      answered++;
      histogram.recordValue(Math.max(1, Math.round(milliseconds * 1e3)));
    });
    instance.on('reqError', () => {
      failed++;
    });
    aborted(until).then(() => instance.stop());
  });
  return { histogram, answered, failed, took: (ended - began) / 1e3 };
}
