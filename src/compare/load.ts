// A server alone and at full speed: the load that autocannon puts on, over connections that are kept.
// The server tells no events meanwhile, so that nothing but serving costs it time.

import { latenciesOf, latencyHistogram } from '../clients/tally.js';
import type { Mode } from '../models/options.js';
import type { LoadFigures } from './comparison.js';
import { KernelWatch } from './kernel-figures.js';
import { ServerProcess } from './server-process.js';

/** Long enough for V8 to have compiled what it runs, in seconds. */
const WARM_UP_SECONDS = 1;

export interface Load {
  readonly connections: number;
  readonly seconds: number;
}

/** Undefined where the server did not live through it, or `until` was aborted. */
export async function loadAlone(
  mode: Mode,
  flags: readonly string[],
  { connections, seconds }: Load,
  until: AbortSignal,
): Promise<LoadFigures | undefined> {
  const server = new ServerProcess(mode, ['--keep-alive', '--port=0', '--detail=none', ...flags], () => {});
  try {
    const listening = await server.listening;
    if (listening === undefined || until.aborted) return undefined;
    const watch = new KernelWatch(listening.pid);
    await cannonade(listening.port, connections, WARM_UP_SECONDS, until);
    const before = watch.look();
    const { histogram, answered, failed, took } = await cannonade(
      listening.port,
      connections,
      seconds,
      until,
    );
    const after = watch.look();
    const latency = latenciesOf(histogram);
    if (before === undefined || after === undefined || latency === undefined || until.aborted)
      return undefined;
    return {
      connections,
      seconds: took,
      answered,
      failed,
      requestsPerSecond: answered / took,
      latency,
      cpuUsPerRequest: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / answered,
    };
  } finally {
    await server.stop();
  }
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
    until.addEventListener('abort', () => instance.stop(), { once: true });
  });
  return { histogram, answered, failed, took: (ended - began) / 1e3 };
}
