// Runs a comparison: the clients play the scenario against the servers of all models at the same moments. Whatever goes
// wrong costs the server it happens to, and no other.

import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BY_HAND, formatPace, LONGEST_PAUSE_MS, type ModelName, type Pace } from '../models/options.js';
import { shortageSentence } from '../posix/shortage.js';
import { aborted } from './aborted.js';
import type { ClientsData, ClientsMessage } from './clients-thread.js';
import type { Comparison, ScenarioStep } from './comparison.js';
import { fairness } from './fairness.js';
import { loadAlone } from './load.js';
import { machine, VERSION } from './machine.js';
import type { Observer } from './observer.js';
import type { OtherCommand } from './other-server.js';
import { missingFrom, type Scenario } from './scenario.js';
import type { ServerRecord } from './server-record.js';
import { modelStarters, otherStarters, type RunningServers, withServers } from './servers.js';
import type { SteeredServers } from './steered-servers.js';
import { claimsOf } from './verdict.js';

/** When the clients are done, so long at most for the servers to close what is open; slowed down they need longer. */
const SETTLE_MS = 2000;
const PACED_SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 30;
/** The longest wait for a reply, unless the scenario sets one; and the factor for all clients of a paced server. */
const PATIENCE_MS = 10_000;
const PACED_PATIENCE = 100;
/** The longest work of a server between two pauses, and the longest pause of --pace with a factor. */
const LONG_STEP_MS = 0.2;

export interface CompareOptions {
  readonly name: string;
  readonly scenario: Scenario;
  readonly modes: readonly ModelName[];
  /** Servers that are not ours. */
  readonly others: readonly OtherCommand[];
  /** The first model's; each next one has the next. 0 takes free ones. */
  readonly port: number;
  readonly connections: number;
  readonly pace?: Pace;
  /** Changes their pace while they run. */
  readonly steered?: SteeredServers | undefined;
}

/** `until` ends it early: what was measured by then is kept. Throws where the scenario itself does. */
export async function compare(
  options: CompareOptions,
  observer: Observer,
  until: AbortSignal,
): Promise<Comparison> {
  const { scenario, name, steered } = options;
  const asked = options.pace && formatPace(options.pace);
  const paceSoFar = (): string | undefined => (steered?.changed ? BY_HAND : asked);
  const steps: ScenarioStep[] = [];
  const startedAt = new Date().toISOString();
  const flags = [
    `--max-connections=${options.connections + 1000}`,
    ...(asked === undefined ? [] : [`--pace=${asked}`]),
    ...(steered === undefined ? [] : ['--steered']),
    ...(scenario.serve ?? []),
  ];
  const { stories, durationUs } = await withServers(
    {
      starters: [...modelStarters(options.modes, options.port, flags), ...otherStarters(options.others)],
      steered,
      ...(scenario.kills && { kills: true }),
    },
    observer,
    until,
    async (running) => {
      const addStep = (step: ScenarioStep): void => {
        steps.push(step);
        running.addStep(step);
      };
      await playClients(options, { ...running, addStep }, observer, until);
      await settled(running.stories, () => (paceSoFar() === undefined ? SETTLE_MS : PACED_SETTLE_MS), until);
    },
  );
  const pace = paceSoFar();
  if (pace === undefined) await loadEachAlone(options, stories, observer, until);
  const results = stories.map((story) => story.result);
  const sound = results.filter(({ failure }) => failure === undefined);
  const { teaches, question, measured } = scenario;
  const missing = missingFrom(scenario, options.modes);
  return {
    version: VERSION,
    scenario: { name, teaches, question, measured, ...(missing.length > 0 && { missing }) },
    machine: machine(),
    startedAt,
    durationUs: Math.round(durationUs),
    ...(pace === undefined ? {} : { pace }),
    cutShort: until.aborted,
    steps,
    models: results,
    verdict: until.aborted ? [] : claimsOf(scenario, sound, pace !== undefined),
    fairness: fairness(results, pace),
  };
}

/** Resolves when the clients have played their part, when no server is left, or when it is to end early. */
async function playClients(
  { name, scenario, connections, pace, steered }: CompareOptions,
  { stories, servers, zeroUs, addStep }: RunningServers,
  observer: Observer,
  until: AbortSignal,
): Promise<void> {
  const driven = stories.filter((story) => story.failure === undefined);
  const gone = new Int32Array(new SharedArrayBuffer(4 * driven.length));
  const workerData: ClientsData = {
    scenario: name,
    servers: driven.map(({ port, isOurs }) => ({ port, isOurs })),
    connections,
    patienceMs: patienceMs(scenario, pace, steered !== undefined),
    gone,
    everyMoment: observer.everyMoment ?? false,
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
      if (message.kind === 'step') addStep({ at: Math.round(message.atUs - zeroUs), text: message.text });
      if (message.kind === 'done') resolve();
      if (message.kind !== 'news') return;
      for (const [i, { tally, moments }] of message.news.entries()) {
        const story = driven[i]!;
        story.tally = tally;
        observer.onMoments?.(story.mode, story.takeMoments(moments));
      }
    });
  });
  try {
    await played;
  } finally {
    await worker.terminate();
  }
}

/** Resolves when no server has a connection open any more, or the time is over. */
async function settled(
  stories: readonly ServerRecord[],
  mostMs: () => number,
  until: AbortSignal,
): Promise<void> {
  const begin = performance.now();
  while (performance.now() < begin + mostMs() && !until.aborted && stories.some((story) => story.busy)) {
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * A paced server answers late on purpose, so its clients wait longer. So do those of one that may be slowed down, unless
 * somebody waits for them to give up.
 */
function patienceMs(
  { patienceMs: usual = PATIENCE_MS, pausesBeforeReply }: Scenario,
  pace: Pace | undefined,
  steered: boolean,
): number {
  if (pace === undefined) return steered && pausesBeforeReply === undefined ? usual * PACED_PATIENCE : usual;
  if (pausesBeforeReply === undefined) return usual * PACED_PATIENCE;
  const pauseMs = 'ms' in pace ? pace.ms : Math.min(LONGEST_PAUSE_MS, pace.factor * LONG_STEP_MS);
  return usual + pausesBeforeReply * pauseMs;
}

/** One after the other, so that none takes the CPU from another. A paced server has no speed to measure. */
async function loadEachAlone(
  { modes, scenario }: CompareOptions,
  stories: readonly ServerRecord[],
  observer: Observer,
  until: AbortSignal,
): Promise<void> {
  if (scenario.load === undefined) return;
  for (const [i, mode] of modes.entries()) {
    const story = stories[i]!;
    if (story.failure !== undefined || until.aborted) continue;
    observer.onLoad?.(mode, scenario.load.seconds);
    const { figures, failure } = await loadAlone(mode, scenario.load, until);
    story.load = figures;
    if (failure === undefined) continue;
    story.failure = failure;
    observer.onFailure?.(mode, failure);
  }
}
