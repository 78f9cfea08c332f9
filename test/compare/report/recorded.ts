// A comparison of two real servers for the tests of the report: the events are recorded, the figures are made up.

import type { ClientConnection, Comparison, ModelResult } from '../../../src/compare/comparison.js';
import { Client, get } from '../../support/client.js';
import { TestServer } from '../../support/server.js';

/** A target that would end the page's script and run its own, if anything of it became part of the page. */
export const HOSTILE = '/</script><script>alert(1)</script><img/src=x/onerror=alert(2)>';

/** At least so long one request computes. */
export const COMPUTED_US = 60_000;

export interface Recorded {
  readonly comparison: Comparison;
  /** Their own ports, in the order of the models. */
  readonly silentPorts: readonly number[];
}

/** Both servers have a silent client, one that computes, and a hostile one, in this order. */
export async function record(): Promise<Recorded> {
  const servers = await Promise.all(
    ['blocking', 'evented'].map((mode) => TestServer.start([`--mode=${mode}`])),
  );
  const zero = Math.max(...servers.map(({ listening }) => listening.monotonicUs));
  const silent = await Promise.all(servers.map(({ port }) => Client.connect(port)));
  await Promise.all([
    servers[0]!.first('blocked', ({ call }) => call === 'recv'), // its thread may take long to start
    servers[1]!.count('accepted', 1),
  ]);
  for (const target of [`/compute?ms=${COMPUTED_US / 1000}`, HOSTILE]) {
    for (const server of servers) {
      const client = await Client.connect(server.port);
      client.send(get(target));
      await client.rest();
    }
  }
  await Promise.all(servers.map((server) => server.count('closed', 2)));
  for (const client of silent) client.socket.end();
  await Promise.all(servers.map((server) => server.count('closed', 3)));
  await Promise.all(servers.map((server) => server.stop()));
  const models = servers.map(({ events, listening }, i): ModelResult => {
    const shift = listening.monotonicUs - zero;
    const moved = events.map((event) => ({ ...event, at: event.at + shift }));
    return result(i === 0 ? 'blocking' : 'evented', listening.pid, listening.port, moved);
  });
  const durationUs = Math.max(...models.flatMap(({ events }) => events.map(({ at }) => at)));
  return { comparison: comparisonOf(models, durationUs), silentPorts: silent.map(({ port }) => port) };
}

function result(
  mode: 'blocking' | 'evented',
  pid: number,
  port: number,
  events: ModelResult['events'],
): ModelResult {
  const first = mode === 'blocking';
  const samples = Array.from({ length: 5 }, (_, i) => ({
    at: i * 20_000,
    connections: i % 3,
    threads: first ? i + 1 : 1,
    answered: i,
    memory: 50_000_000 + i * 1_000_000,
    cpuSeconds: i * 0.01,
  }));
  return {
    mode,
    pid,
    port,
    figures: {
      answered: first ? 1234 : 5678,
      failed: first ? 3 : 0,
      failures: first ? { reset: 1, 'no reply in time': 2 } : {},
      latency: { count: 1234, p50: 1230, p99: first ? 45_600 : 7890, max: 1_500_000 },
      requestsPerSecond: first ? 321 : 1450,
      peakConnections: 3,
      peakThreads: first ? 4 : 1,
      peakMemory: first ? 104_857_600 : 52_428_800,
      memoryAtStart: 50 * 1024 * 1024,
      cpuSeconds: 0.123,
      voluntarySwitches: 4321,
      involuntarySwitches: 17,
      threadsStarted: first ? 3 : 0,
      ...(first ? { threadStartUs: 28_600 } : {}),
    },
    samples,
    events,
    eventsMissing: 0,
    clients: clientsOf(events),
  };
}

/** So long the hostile client waited in the accept queue, if one believes its made-up clients. */
export const WAITED_US = 20_000;

/** The clients of these connections; the third one waited. One more was never accepted. */
function clientsOf(events: ModelResult['events']): ClientConnection[] {
  const accepted = events.filter((event) => event.event === 'accepted');
  return [
    ...accepted.map(({ at, fourTuple, connection }) => {
      const connectedAt = at - (connection === 3 ? WAITED_US : 40);
      return { fourTuple, startedAt: connectedAt - 30, connectedAt };
    }),
    { fourTuple: NEVER_ACCEPTED, startedAt: 10_000, connectedAt: 10_050 },
  ];
}

export const NEVER_ACCEPTED = ['127.0.0.1', 9, '127.0.0.1', 80] as const;

function comparisonOf(models: readonly ModelResult[], durationUs: number): Comparison {
  return {
    version: '0.1.0',
    scenario: {
      name: 'recorded',
      teaches: 'What a report shows <b>is</b> text.',
      question: 'Who waits?',
      measured: 'quick requests',
    },
    machine: { cpus: 2, cpu: 'a CPU', memoryBytes: 8 * 2 ** 30, kernel: '6.1.0', node: 'v20.1.0' },
    startedAt: '2026-11-23T00:00:00.000Z',
    durationUs,
    cutShort: false,
    steps: [
      { at: 0, text: 'one connects and says nothing' },
      { at: Math.round(durationUs / 2), text: `one asks for ${HOSTILE}\u2028\u202e` },
    ],
    models,
    verdict: [{ id: 'same', text: `Both answered </li><script>alert(3)</script>.` }],
    fairness: ['One machine.'],
  };
}
