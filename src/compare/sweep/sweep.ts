// Runs a sweep: one model after the other holds more and more idle connections, and at each number the kernel is asked
// what that takes, and the server how fast it still is. If it ends early, the points that were measured are kept.

import { setTimeout as sleep } from 'node:timers/promises';
import { type ModelName, modeOf } from '../../models/options.js';
import { aborted } from '../aborted.js';
import { type KernelFigures, KernelWatch } from '../kernel-figures.js';
import { machine, VERSION } from '../machine.js';
import { ServerProcess, serving } from '../server-process.js';
import { PROCESS_COST, startedForEach } from '../started.js';
import { availableMemory, type Capacity, capOf, holdsFew } from './caps.js';
import { Clients } from './clients.js';
import { sweepFairness } from './fairness.js';
import { memoryText } from './quantities.js';
import type { Cap, Sweep, SweepPoint, SweptModel } from './result.js';
import { TEXTBOOK } from './textbook.js';
import { sweepVerdict } from './verdict.js';

/** For all connections that one model holds: the sweep of two models takes less than a minute. */
const STARTS_MS = 20_000;

/** The quick requests of one model. V8 compiles what is run often, so the first ones are not counted. */
interface Probes {
  readonly first: number;
  /** At each number of connections, before those that count. */
  readonly warmUp: number;
  readonly counted: number;
}
const PROBES: Probes = { first: 1_000, warmUp: 100, counted: 300 };
/** Each of them starts a process, which takes as long as hundreds of requests. */
const PROBES_WITH_PROCESS: Probes = { first: 2, warmUp: 0, counted: 10 };
const startsProcesses = (name: ModelName): boolean => startedForEach(name) === PROCESS_COST;
const probesOf = (mode: ModelName): Probes => (startsProcesses(mode) ? PROBES_WITH_PROCESS : PROBES);

/** A model that serves few connections at once has a place for one. */
const loadConnections = (mode: ModelName): number => (holdsFew(mode) ? 1 : 8);
const LOAD_SECONDS = 0.5;
/** The server has come to rest when two looks so far apart see as many threads, or after so many looks. */
const LOOK_EVERY_MS = 100;
const MOST_LOOKS = 30;
/** How long it may take until it is known that a server has ended, and why. */
const LAST_WORDS_MS = 500;
/** The sweep ends when only this part of the memory that was free is left. */
const LEAST_MEMORY = 0.15;
const CHECK_MEMORY_EVERY_MS = 250;

export interface SweepOptions {
  readonly modes: readonly ModelName[];
  readonly from: number;
  readonly to: number;
  /** The servers', which run one after the other; 0 takes free ones. */
  readonly port: number;
}

/** Watches while it runs. */
export interface SweepAudience {
  onCap?(mode: ModelName, cap: Cap): void;
  onListening?(mode: ModelName, port: number, pid: number): void;
  onProgress?(mode: ModelName, connections: number, what: string): void;
  onPoint?(mode: ModelName, point: SweepPoint, memoryAtStart: number): void;
  onFailure(mode: ModelName, sentence: string): void;
}

/** `until` ends it early: what was measured by then is kept. */
export async function sweep(
  options: SweepOptions,
  capacity: Capacity,
  observer: SweepAudience,
  until: AbortSignal,
): Promise<Sweep> {
  const { modes, from, to } = options;
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const caps = modes.map((mode) => capOf(mode, to, capacity, STARTS_MS));
  for (const [i, mode] of modes.entries()) observer.onCap?.(mode, caps[i]!);
  const models: SweptModel[] = [];
  for (const [i, mode] of modes.entries()) {
    if (until.aborted) break;
    const model = await sweepModel(mode, caps[i]!, options, observer, until);
    models.push(model);
    if (model.failure !== undefined) observer.onFailure(mode, model.failure);
  }
  return {
    version: VERSION,
    machine: machine(),
    startedAt,
    durationUs: (performance.now() - began) * 1e3,
    from,
    to,
    cutShort: until.aborted,
    models,
    textbook: TEXTBOOK,
    verdict: until.aborted ? [] : sweepVerdict(models),
    fairness: sweepFairness(models),
  };
}

/** Both ends, and the steps between them of 1, 3, 10, 30 and so on; not beyond the cap, but the cap itself. */
export function stops(from: number, to: number, cap: number): number[] {
  const all = new Set([from, to, cap]);
  for (let ten = 1; ten <= to; ten *= 10) all.add(ten).add(3 * ten);
  return [...all]
    .filter((each) => each <= cap && (each === cap || (each >= from && each <= to)))
    .sort((a, b) => a - b);
}

async function sweepModel(
  mode: ModelName,
  cap: Cap,
  options: SweepOptions,
  observer: SweepAudience,
  until: AbortSignal,
): Promise<SweptModel> {
  if (cap.connections === 0) return { mode, cap, memoryAtStart: 0, points: [] };
  const server = new ServerProcess(mode, serving(mode, serveFlags(mode, cap, options.port)), () => {});
  const climb = new Climb(mode, server, observer);
  const over = new AbortController();
  try {
    const failure = await Promise.race([
      climb.run(stops(options.from, options.to, cap.connections)),
      server.ended,
      outOfMemory(over.signal),
      aborted(until),
    ]);
    return {
      mode,
      cap,
      ...(failure === undefined ? {} : { failure }),
      memoryAtStart: climb.memoryAtStart,
      points: [...climb.points],
    };
  } finally {
    over.abort();
    await server.stop();
    await climb.end();
  }
}

function serveFlags(mode: ModelName, { connections }: Cap, port: number): string[] {
  const flags = [
    `--port=${port}`,
    '--keep-alive',
    '--timeout=0',
    '--detail=none',
    `--max-connections=${connections + 1_000}`,
  ];
  // A thread whose connection has gone ends, except one for the next probe: so the threads are those of the connections.
  if (modeOf(mode) === 'blocking')
    flags.push(`--max-threads=${Math.min(connections + 100, 10_000)}`, '--spare-threads=1');
  if (startsProcesses(mode)) flags.push(`--max-processes=${Math.min(connections + 10, 1_000)}`);
  return flags;
}

/** One server and its clients, from few connections to many. Connections are added: none ever closes on the way up. */
class Climb {
  readonly points: SweepPoint[] = [];
  memoryAtStart = 0;
  readonly #mode: ModelName;
  readonly #server: ServerProcess;
  readonly #observer: SweepAudience;
  #clients: Clients[] = [];

  constructor(mode: ModelName, server: ServerProcess, observer: SweepAudience) {
    this.#mode = mode;
    this.#server = server;
    this.#observer = observer;
  }

  /** Gives a sentence where it did not come to the end. */
  async run(numbers: readonly number[]): Promise<string | undefined> {
    const listening = await this.#server.listening;
    if (listening === undefined) return this.#server.ended;
    const { port, pid } = listening;
    this.#observer.onListening?.(this.#mode, port, pid);
    const holders = new Clients(port);
    const prober = new Clients(port);
    this.#clients = [holders, prober];
    const watch = new KernelWatch(pid);
    this.memoryAtStart = watch.look()?.memory ?? 0;

    // What V8 compiles and allocates once belongs to no connection: it comes before the first.
    this.#observer.onProgress?.(this.#mode, 0, 'warming up');
    const probes = probesOf(this.#mode);
    await prober.load(1, LOAD_SECONDS);
    await prober.probe(probes.first);
    await atRest(watch);

    for (const connections of numbers) {
      const progress = (what: string): void => this.#observer.onProgress?.(this.#mode, connections, what);
      const began = performance.now();
      const { answered, failures } = await holders.hold(connections, (held) => {
        progress(`${held.toLocaleString('en')} are held`);
      });
      const addedUs = (performance.now() - began) * 1e3;
      if (answered < connections)
        return (await this.#whyEnded()) ?? notAllHeld(connections, answered, failures);
      const idle = await atRest(watch);

      progress('asking quick requests');
      await prober.probe(probes.warmUp);
      const before = watch.look();
      const { latency, failed } = await prober.probe(probes.counted);
      const afterwards = watch.look();
      if (idle === undefined || before === undefined || afterwards === undefined)
        return (await this.#whyEnded()) ?? 'The kernel gave no figures of the server. Run it again.';
      if (latency === undefined || failed > 0)
        return (
          (await this.#whyEnded()) ??
          `${failed} of ${probes.counted} quick requests beside ${connections} connections failed. Run it again.`
        );

      progress('at full speed');
      const load = await prober.load(loadConnections(this.#mode), LOAD_SECONDS);
      const point: SweepPoint = {
        connections,
        added: connections - (this.points.at(-1)?.connections ?? 0),
        addedUs,
        threads: idle.threads,
        memory: idle.memory,
        probe: latency,
        cpuUsPerProbe: ((afterwards.cpuSeconds - before.cpuSeconds) * 1e6) / probes.counted,
        load,
      };
      this.points.push(point);
      this.#observer.onPoint?.(this.#mode, point, this.memoryAtStart);
    }
    return undefined;
  }

  /** Clients see a server's end a moment before its process is known to have ended. */
  async #whyEnded(): Promise<string | undefined> {
    return Promise.race([this.#server.ended, sleep(LAST_WORDS_MS, undefined)]);
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((each) => each.end()));
  }
}

/** Threads of a load that is over take a moment to end. */
async function atRest(watch: KernelWatch): Promise<KernelFigures | undefined> {
  let last = watch.look();
  for (let looks = 1; looks < MOST_LOOKS; looks++) {
    await sleep(LOOK_EVERY_MS);
    const now = watch.look();
    if (now?.threads === last?.threads) return now;
    last = now;
  }
  return last;
}

/** Resolves with a sentence when little memory is left. */
async function outOfMemory(over: AbortSignal): Promise<string> {
  const least = availableMemory() * LEAST_MEMORY;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const left = availableMemory();
      if (left < least)
        resolve(
          `Only ${memoryText(left)} of memory is left, too little for more connections. Close other programs, or sweep to a lower number.`,
        );
    }, CHECK_MEMORY_EVERY_MS);
    over.addEventListener('abort', () => clearInterval(timer));
  });
}

function notAllHeld(connections: number, held: number, failures: Readonly<Record<string, number>>): string {
  const why = Object.entries(failures).map(([reason, number]) => `${number} ${reason}`);
  return `Only ${held} of ${connections} connections were answered (${why.join(', ')}). Run it again.`;
}
