// The servers that run beside each other: one for each model, started together, with one axis of time, and stopped again.
// Whatever goes wrong costs the server it happens to, and no other.

import { nowUs } from '../lifecycle/clock.js';
import type { ModelName } from '../models/options.js';
import { aborted } from './aborted.js';
import type { Observer } from './observer.js';
import { ServerProcess } from './server-process.js';
import { ServerRecord } from './server-record.js';
import type { SteeredServers } from './steered-servers.js';

const SAMPLE_EVERY_MS = 200;

export interface ServersOptions {
  readonly modes: readonly ModelName[];
  /** The first server's; each next one has the next. 0 takes free ones. */
  readonly port: number;
  /** Of `serve`, for each of them. */
  readonly flags: readonly string[];
  /** One that is killed has not failed: see Scenario. */
  readonly kills?: true;
  /** Changes their pace while they run. */
  readonly steered?: SteeredServers | undefined;
}

/** What is done while they run; `zeroUs` is the common clock at 0 of the axis. */
type Use = (
  stories: readonly ServerRecord[],
  servers: readonly ServerProcess[],
  zeroUs: number,
) => Promise<void>;

/** Resolves when all servers have stopped. `use` is not called where none of them listens. */
export async function withServers(
  options: ServersOptions,
  observer: Observer,
  until: AbortSignal,
  use: Use,
): Promise<{ readonly stories: readonly ServerRecord[]; readonly durationUs: number }> {
  const stories = options.modes.map((mode) => new ServerRecord(mode));
  const servers: ServerProcess[] = [];
  let zeroUs = nowUs();
  try {
    for (const [i, story] of stories.entries()) servers.push(startServer(story, i, options, observer));
    if (options.steered !== undefined) options.steered.servers = servers;
    const allListen = Promise.all(servers.map((server) => server.listening));
    const listening = (await Promise.race([allListen, aborted(until)])) ?? [];
    for (const [i, each] of listening.entries()) {
      if (each !== undefined) observer.onListening(stories[i]!.mode, each.port, each.pid);
    }
    zeroUs = nowUs();
    for (const story of stories) observer.onEvents(story.mode, story.begin(zeroUs));
    observer.onBegin(zeroUs);
    const sample = (): void => {
      for (const story of stories) {
        const taken = story.sample(Math.round(nowUs() - zeroUs));
        if (taken !== undefined) observer.onSample(story.mode, taken);
      }
    };
    const sampling = setInterval(sample, SAMPLE_EVERY_MS);
    try {
      if (listening.some((each) => each !== undefined)) await use(stories, servers, zeroUs);
    } finally {
      clearInterval(sampling);
    }
    sample();
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  return { stories, durationUs: nowUs() - zeroUs };
}

function startServer(
  story: ServerRecord,
  index: number,
  { port, flags, kills, steered }: ServersOptions,
  observer: Observer,
): ServerProcess {
  const all = [
    `--port=${port === 0 ? 0 : port + index}`,
    ...flags,
    ...(steered === undefined ? [] : ['--steered']),
  ];
  const server = new ServerProcess(story.mode, all, (events) => {
    const onAxis = story.take(events);
    if (onAxis !== undefined) observer.onEvents(story.mode, onAxis);
  });
  server.ended.then((failure) => {
    if (failure === undefined || kills) return;
    story.failure = failure;
    observer.onFailure(story.mode, failure);
  });
  return server;
}
