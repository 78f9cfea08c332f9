// A server alone at full speed: each client sends its next request as soon as it has its reply, over a kept connection.
// The server reports no events in this time, so that it spends its time only on serving.

import { generateLoad } from '../clients/load-generator.js';
import type { Listening } from '../lifecycle/events.js';
import type { ModelName } from '../models/options.js';
import { aborted } from './aborted.js';
import type { LoadFigures } from './comparison.js';
import { KernelWatch } from './kernel-figures.js';
import { ServerProcess, serving } from './server-process.js';

/** Long enough for V8 to have compiled what it runs, in seconds. */
const WARM_UP_SECONDS = 1;

export interface Load {
  readonly connections: number;
  readonly seconds: number;
}

/** Figures, or a sentence that says why the server ended; neither if `until` was aborted. */
export async function loadAlone(
  mode: ModelName,
  load: Load,
  until: AbortSignal,
): Promise<{ figures?: LoadFigures; failure?: string }> {
  const server = new ServerProcess(
    mode,
    serving(mode, ['--keep-alive', '--port=0', '--detail=none']),
    () => {},
  );
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

/** Undefined if the server ended before, or answered nothing. */
async function measure(
  { pid, port }: Listening,
  { connections, seconds }: Load,
  until: AbortSignal,
): Promise<LoadFigures | undefined> {
  const watch = new KernelWatch(pid);
  const where = { address: '127.0.0.1', port };
  await generateLoad(where, { connections, keepAlive: true, seconds: WARM_UP_SECONDS }, until);
  const before = watch.look();
  const figures = await generateLoad(where, { connections, keepAlive: true, seconds }, until);
  const after = watch.look();
  const { answered, failed, failures, latency, requestsPerSecond = 0 } = figures;
  if (latency === undefined || until.aborted) return undefined;
  return {
    connections,
    seconds,
    answered,
    failed,
    failures,
    requestsPerSecond,
    latency,
    ...(before && after && { cpuUsPerRequest: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / answered }),
  };
}
