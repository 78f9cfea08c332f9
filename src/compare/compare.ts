// Runs a comparison: starts a server for each model, lets the clients play the scenario against all of them at the same
// moments, watches, and stops everything again. Whatever goes wrong costs the server it happens to, and no other.

import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { sleep } from '../clients/client.js';
import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { formatPace, LONGEST_PAUSE_MS, type ModelName, type Pace } from '../models/options.js';
import { shortageSentence } from '../posix/shortage.js';
import { aborted } from './aborted.js';
import type { ClientsData, ClientsMessage } from './clients-thread.js';
import type { ClientConnection, Comparison, MachineFacts, Sample, ScenarioStep } from './comparison.js';
import { fairness } from './fairness.js';
import { loadAlone } from './load.js';
import type { Scenario } from './scenario.js';
import { ServerProcess } from './server-process.js';
import { ServerRecord } from './server-record.js';
import { claimsOf } from './verdict.js';

const SAMPLE_EVERY_MS = 200;
/** When the clients are done, so long at most for the servers to close what is open; slowed down they need longer. */
const SETTLE_MS = 2000;
const PACED_SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 30;
/** For a reply, where the scenario does not say; and so many times as long where all clients wait for a paced server. */
const PATIENCE_MS = 10_000;
const PACED_PATIENCE = 100;
/** What a server works between two pauses, at the most; and a pause of --pace by a factor is never longer. */
const LONG_STEP_MS = 0.2;

export interface CompareOptions {
  readonly name: string;
  readonly scenario: Scenario;
  readonly modes: readonly ModelName[];
  /** The first server's; each next one has the next. 0 takes free ones. */
  readonly port: number;
  readonly connections: number;
  readonly pace?: Pace;
}

/** Who looks on while it runs. Times are on the common axis. */
export interface Observer {
  onListening(mode: ModelName, port: number, pid: number): void;
  /** The clients begin; `zeroUs` is the common clock at 0 of the axis. */
  onBegin(zeroUs: number): void;
  onStep(step: ScenarioStep): void;
  onEvents(mode: ModelName, events: readonly LifecycleEvent[]): void;
  /** What is new of the clients' side of this server's connections. */
  onClients(mode: ModelName, clients: readonly ClientConnection[]): void;
  onSample(mode: ModelName, sample: Sample): void;
  onFailure(mode: ModelName, sentence: string): void;
  onLoad(mode: ModelName, seconds: number): void;
}

const nothing = (): void => {};
/** For whoever wants the result alone. */
export const UNOBSERVED: Observer = {
  onListening: nothing,
  onBegin: nothing,
  onStep: nothing,
  onEvents: nothing,
  onClients: nothing,
  onSample: nothing,
  onFailure: nothing,
  onLoad: nothing,
};

/** `until` ends it early: what was measured by then is kept. Throws where the scenario itself does. */
export async function compare(
  options: CompareOptions,
  observer: Observer,
  until: AbortSignal,
): Promise<Comparison> {
  const { scenario, name } = options;
  const pace = options.pace && formatPace(options.pace);
  const stories = options.modes.map((mode) => new ServerRecord(mode));
  const servers: ServerProcess[] = [];
  const steps: ScenarioStep[] = [];
  const startedAt = new Date().toISOString();
  let zeroUs = nowUs();
  try {
    for (const [i, story] of stories.entries()) servers.push(startServer(story, i, options, observer));
    const allListen = Promise.all(servers.map((server) => server.listening));
    const listening = (await Promise.race([allListen, aborted(until)])) ?? [];
    for (const [i, each] of listening.entries()) {
      if (each !== undefined) observer.onListening(stories[i]!.mode, each.port, each.pid);
    }
    zeroUs = nowUs();
    for (const story of stories) story.begin(zeroUs);
    observer.onBegin(zeroUs);
    const sample = (): void => {
      for (const story of stories) {
        const taken = story.sample(Math.round(nowUs() - zeroUs));
        if (taken !== undefined) observer.onSample(story.mode, taken);
      }
    };
    const sampling = setInterval(sample, SAMPLE_EVERY_MS);
    try {
      if (listening.some((each) => each !== undefined)) {
        await playClients(options, stories, servers, until, {
          onStep: (step) => {
            steps.push({ ...step, at: Math.round(step.at - zeroUs) });
            observer.onStep(steps.at(-1)!);
          },
          onClients: (mode, clients) => observer.onClients(mode, clients),
        });
        await settled(stories, pace === undefined ? SETTLE_MS : PACED_SETTLE_MS, until);
      }
    } finally {
      clearInterval(sampling);
    }
    sample();
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  const durationUs = nowUs() - zeroUs;
  await loadEachAlone(options, stories, observer, until);
  const models = stories.map((story) => story.result);
  const sound = models.filter(({ failure }) => failure === undefined);
  const { teaches, question, measured } = scenario;
  return {
    version: VERSION,
    scenario: { name, teaches, question, measured },
    machine: machine(),
    startedAt,
    durationUs: Math.round(durationUs),
    ...(pace === undefined ? {} : { pace }),
    cutShort: until.aborted,
    steps,
    models,
    verdict: until.aborted ? [] : claimsOf(scenario, sound, pace !== undefined),
    fairness: fairness(models, pace),
  };
}

function startServer(
  story: ServerRecord,
  index: number,
  options: CompareOptions,
  observer: Observer,
): ServerProcess {
  const { scenario, port, pace } = options;
  const flags = [
    `--port=${port === 0 ? 0 : port + index}`,
    `--max-connections=${options.connections + 1000}`,
    ...(pace === undefined ? [] : [`--pace=${formatPace(pace)}`]),
    ...(scenario.serve ?? []),
  ];
  const server = new ServerProcess(story.mode, flags, (events) => {
    observer.onEvents(story.mode, story.take(events));
  });
  server.ended.then((failure) => {
    if (failure === undefined) return;
    story.failure = failure;
    observer.onFailure(story.mode, failure);
  });
  return server;
}

/** Resolves when the clients have played their part, when no server is left, or when it is to end early. */
async function playClients(
  { name, scenario, connections, pace }: CompareOptions,
  stories: readonly ServerRecord[],
  servers: readonly ServerProcess[],
  until: AbortSignal,
  { onStep, onClients }: Pick<Observer, 'onStep' | 'onClients'>,
): Promise<void> {
  const driven = stories.filter((story) => story.failure === undefined);
  const gone = new Int32Array(new SharedArrayBuffer(4 * driven.length));
  const workerData: ClientsData = {
    scenario: name,
    ports: driven.map((story) => story.port),
    connections,
    patienceMs: patienceMs(scenario, pace),
    gone,
  };
  const worker = new Worker(new URL('./clients-thread.js', import.meta.url), { workerData });
  const played = new Promise<void>((resolve, reject) => {
    for (const server of servers) {
      server.ended.then(() => {
        const i = driven.findIndex((story) => story.mode === server.mode);
        if (i >= 0) Atomics.store(gone, i, 1);
        if (gone.every((each) => each === 1)) resolve();
      });
    }
    aborted(until).then(resolve);
    worker.on('error', (error) => {
      const known = shortageSentence(error) !== undefined;
      reject(known ? error : new Error(`scenario ${name}: ${error.message}`));
    });
    worker.on('message', (message: ClientsMessage) => {
      if (message.kind === 'step') onStep({ at: message.atUs, text: message.text });
      if (message.kind === 'done') resolve();
      if (message.kind === 'tallies')
        for (const [i, tally] of message.tallies.entries()) driven[i]!.tally = tally;
      if (message.kind === 'connections')
        for (const [i, changed] of message.changed.entries())
          onClients(driven[i]!.mode, driven[i]!.takeClients(changed));
    });
  });
  try {
    await played;
  } finally {
    await worker.terminate();
  }
}

/** Resolves when no server has a connection open any more, or the time is over. */
async function settled(stories: readonly ServerRecord[], mostMs: number, until: AbortSignal): Promise<void> {
  const end = performance.now() + mostMs;
  while (performance.now() < end && !until.aborted && stories.some((story) => story.busy)) {
    await sleep(LOOK_EVERY_MS);
  }
}

/** A paced server answers late because it was asked to: its clients wait longer. */
function patienceMs({ patienceMs: usual = PATIENCE_MS, pausesBeforeReply }: Scenario, pace?: Pace): number {
  if (pace === undefined) return usual;
  if (pausesBeforeReply === undefined) return usual * PACED_PATIENCE;
  const pauseMs = 'ms' in pace ? pace.ms : Math.min(LONGEST_PAUSE_MS, pace.factor * LONG_STEP_MS);
  return usual + pausesBeforeReply * pauseMs;
}

/** One after the other, so that none takes the CPU from another; a paced server has no speed to measure. */
async function loadEachAlone(
  { scenario, pace }: CompareOptions,
  stories: readonly ServerRecord[],
  observer: Observer,
  until: AbortSignal,
): Promise<void> {
  if (scenario.load === undefined || pace !== undefined) return;
  for (const story of stories) {
    if (story.failure !== undefined || until.aborted) continue;
    observer.onLoad(story.mode, scenario.load.seconds);
    const { figures, failure } = await loadAlone(story.mode, scenario.load, until);
    story.load = figures;
    if (failure === undefined) continue;
    story.failure = failure;
    observer.onFailure(story.mode, failure);
  }
}

export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

export function machine(): MachineFacts {
  const all = cpus();
  return {
    cpus: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
  };
}
