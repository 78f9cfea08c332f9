// The servers that run beside each other: models and other programs, started together, with one axis of time, and stopped again.
// Whatever goes wrong costs the server it happens to, and no other.

import { nowUs } from '../lifecycle/clock.js';
import type { ModelName } from '../models/options.js';
import { aborted } from './aborted.js';
import type { ComparedServer, Starter } from './compared-server.js';
import type { ScenarioStep } from './comparison.js';
import { InOrder } from './in-order.js';
import type { Observer } from './observer.js';
import { type OtherCommand, OtherServer } from './other-server.js';
import { ServerProcess, serving } from './server-process.js';
import { ServerRecord } from './server-record.js';
import type { SteeredServers } from './steered-servers.js';

const SAMPLE_EVERY_MS = 200;

/** Models of ours. `port`: the first one's; each next one has the next. 0 takes free ones. `flags` are those of `serve`. */
export const modelStarters = (
  modes: readonly ModelName[],
  port: number,
  flags: readonly string[],
): Starter[] =>
  modes.map((mode, i) => ({
    name: mode,
    start: (onEvents) => {
      const all = [`--port=${port === 0 ? 0 : port + i}`, ...flags];
      return new ServerProcess(mode, serving(mode, all), onEvents);
    },
  }));

export const otherStarters = (commands: readonly OtherCommand[]): Starter[] =>
  commands.map((each) => ({
    name: each.name,
    command: each.command,
    start: (onEvents) => new OtherServer(each, onEvents),
  }));

export interface ServersOptions {
  readonly starters: readonly Starter[];
  /** One that is killed has not failed: see Scenario. */
  readonly kills?: true;
  /** Changes their pace while they run. */
  readonly steered?: SteeredServers | undefined;
}

export interface RunningServers {
  readonly stories: readonly ServerRecord[];
  readonly servers: readonly ComparedServer[];
  /** The common clock at 0 of the axis. */
  readonly zeroUs: number;
  /** Tells the observer of a step, between the events before it and those after it. */
  readonly addStep: (step: ScenarioStep) => void;
}

/** Resolves when all servers have stopped. `use` is not called where none of them listens, or one that is not ours does not. */
export async function withServers(
  { starters, kills, steered }: ServersOptions,
  observer: Observer,
  until: AbortSignal,
  use: (running: RunningServers) => Promise<void>,
): Promise<{ readonly stories: readonly ServerRecord[]; readonly durationUs: number }> {
  const stories = starters.map(({ name, command }) => new ServerRecord(name, command));
  const servers: ComparedServer[] = [];
  const order = new InOrder(observer);
  let zeroUs = nowUs();
  try {
    for (const [i, story] of stories.entries())
      servers.push(startServer(starters[i]!, story, kills === true, observer, order));
    if (steered !== undefined) steered.servers = servers;
    const allListen = Promise.all(servers.map((server) => server.listening));
    const listening = (await Promise.race([allListen, aborted(until)])) ?? [];
    for (const [i, each] of listening.entries()) {
      if (each === undefined) continue;
      stories[i]!.port = each.port;
      observer.onListening?.(stories[i]!.mode, each.port, each.pid);
    }
    const isLacking = starters.some(({ command }, i) => command !== undefined && listening[i] === undefined);
    if (isLacking) return { stories, durationUs: nowUs() - zeroUs };
    zeroUs = nowUs();
    for (const story of stories) order.addEvents(story.mode, story.begin(zeroUs));
    observer.onBegin?.(zeroUs);
    order.begin(zeroUs);
    const sample = (): void => {
      for (const story of stories) {
        const taken = story.sample(Math.round(nowUs() - zeroUs));
        if (taken !== undefined) observer.onSample?.(story.mode, taken);
      }
    };
    const sampling = setInterval(sample, SAMPLE_EVERY_MS);
    try {
      const addStep = (step: ScenarioStep): void => order.addStep(step);
      if (listening.some((each) => each !== undefined)) await use({ stories, servers, zeroUs, addStep });
    } finally {
      clearInterval(sampling);
    }
    sample();
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    order.end();
  }
  return { stories, durationUs: nowUs() - zeroUs };
}

function startServer(
  { start }: Starter,
  story: ServerRecord,
  kills: boolean,
  observer: Observer,
  order: InOrder,
): ComparedServer {
  const server = start((events) => order.addEvents(story.mode, story.take(events)));
  server.ended.then((failure) => {
    if (failure === undefined || kills) return;
    story.failure = failure;
    observer.onFailure?.(story.mode, failure);
  });
  return server;
}
