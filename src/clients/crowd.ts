// The clients of one server: quick ones, silent ones, slow senders and readers, and ones that hold a connection without
// using it. All but the quick ones misbehave as real clients do.

import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from '../lifecycle/clock.js';
import { readProc } from '../posix/proc.js';
import { isAsAsked } from './as-asked.js';
import { Client, type ClientOptions, type Manner, type ServerAddress } from './client.js';
import type { Moment } from './events.js';
import { Tally } from './tally.js';

export interface QuickClients extends ClientOptions, Manner {
  /** Number of requests, each on its own connection. */
  readonly requests: number;
  /** How many at a time. By default all. */
  readonly atOnce?: number;
  /** Milliseconds between the starts of two requests, whether or not the last one had a reply. */
  readonly everyMs?: number;
  readonly target?: string;
  /** Whether the scenario measures their latency. */
  readonly measured?: boolean;
}

/** Called for what happens to a client. Numbers count from 1; `startedUs` is on the clock of all processes. */
export type OnMoment = (number: number, startedUs: number, client: Client, moment: Moment) => void;

/** How /connection names a connection thread. */
const OWN_THREAD = /^thread +conn-\d+ /m;

/** How /connection names the kernel's number of the thread that serves. */
const SERVING_THREAD = /^thread .*\(tid (\d+)\)$/m;

/** Starting many threads may take long on a busy machine, and is not what a scenario measures. */
const WARM_UP_PATIENCE_MS = 30_000;

export interface CrowdOptions {
  /** Called for every moment of every client. */
  readonly watch?: OnMoment;
  /** Where it is not, the server may not know the paths of our models, and an answer that says so is an answer. */
  readonly isOurs?: boolean;
}

export class Crowd {
  readonly tally = new Tally();
  readonly #where: ServerAddress;
  readonly #patienceMs: number;
  readonly #watch: OnMoment | undefined;
  readonly #isOurs: boolean;
  #held: Client[] = [];
  #made = 0;

  constructor(where: ServerAddress, patienceMs: number, { watch, isOurs = true }: CrowdOptions = {}) {
    this.#where = where;
    this.#patienceMs = patienceMs;
    this.#watch = watch;
    this.#isOurs = isOurs;
  }

  /** Resolves when each has a reply, or has given up. */
  async quick({
    requests,
    atOnce = requests,
    everyMs = 0,
    target = '/',
    ...rest
  }: QuickClients): Promise<void> {
    if (everyMs > 0) {
      if (rest.measured !== false) this.tally.keepSchedule();
      const asked: Promise<void>[] = [];
      for (let i = 0; i < requests; i++) {
        asked.push(this.#ask(target, rest));
        await sleep(everyMs);
      }
      await Promise.all(asked);
      return;
    }
    await repeat(requests, atOnce, () => this.#ask(target, rest));
  }

  /**
   * `count` clients request /connection at once, and stay until all have a reply. If each connection has a thread, there
   * are then `count` threads. If one thread serves everybody, a client leaves at once, or it would block the others. This is
   * not part of the scenario, so only failures count. A server that is not ours need not know /connection: it is asked for /.
   */
  async warmUp(count: number): Promise<void> {
    const patienceMs = Math.max(this.#patienceMs, WARM_UP_PATIENCE_MS);
    const clients = Array.from({ length: count }, () => this.#connect({ patienceMs }));
    const ask = async (client: Client): Promise<void> => {
      const answer = await client.ask(this.#isOurs ? '/connection' : '/', { keepAlive: true });
      if (answer.outcome !== 'answered') this.tally.fail(answer.outcome);
      if (!OWN_THREAD.test(answer.body)) await client.close();
    };
    await Promise.all(clients.map(ask));
    await Promise.all(clients.map((each) => each.close()));
  }

  /** They connect and send nothing. Resolves when the kernel has connected them, accepted or not. */
  async silent(count: number): Promise<void> {
    const clients = Array.from({ length: count }, () => this.#connect());
    this.#held.push(...clients);
    for (const { connected } of clients) {
      const failure = await connected;
      if (failure !== undefined) this.tally.fail(failure);
    }
  }

  /**
   * They send one request, then hold the connection without using it. `atOnce` of them at a time. `from` is their source
   * address: each address has about 28,000 ports (ip(7), ip_local_port_range).
   */
  async idle(count: number, atOnce = 50, from?: string): Promise<void> {
    await repeat(count, atOnce, async () => {
      const client = this.#connect(from === undefined ? {} : { from: { address: from } });
      this.#held.push(client);
      this.tally.add(await client.ask('/', { keepAlive: true }), false);
    });
  }

  /** Ends the process that serves the first client that holds a connection; resolves when that client has seen it. */
  async killServerOfFirst(): Promise<void> {
    const first = this.#held[0];
    if (first === undefined) return;
    const { body } = await first.ask('/connection', { keepAlive: true });
    const pid = processOf(Number(SERVING_THREAD.exec(body)?.[1]));
    if (!(pid > 1)) return; // it was not answered
    process.kill(pid, 'SIGKILL');
    await first.peerClosed;
  }

  /** The clients that hold a connection send another request on it, all at once. */
  async askAgain(): Promise<void> {
    await Promise.all(
      this.#held.map(async (client) => this.tally.add(await client.ask('/', { keepAlive: true }), true)),
    );
  }

  /** The clients that hold a connection close it. */
  async leave(): Promise<void> {
    await Promise.all(this.#held.splice(0).map((each) => each.close()));
  }

  async #ask(target: string, { measured = true, ...options }: Partial<QuickClients>): Promise<void> {
    const client = this.#connect(options);
    const answer = await client.ask(target, options);
    if (this.#isOurs || isAsAsked(target, answer)) this.tally.add(answer, measured);
    else this.tally.addNotAsAsked(target);
    await client.close();
  }

  #connect(options: ClientOptions = {}): Client {
    const number = ++this.#made;
    const watch = this.#watch;
    const startedUs = nowUs(); // before connect(2), so before any server can accept it
    const client: Client = new Client(this.#where, {
      patienceMs: this.#patienceMs,
      ...options,
      ...(watch === undefined ? {} : { tell: (moment) => watch(number, startedUs, client, moment) }),
    });
    return client;
  }
}

/** Does it so many times, at most `atOnce` of them at a time. */
async function repeat(times: number, atOnce: number, act: () => Promise<void>): Promise<void> {
  let left = times;
  const oneAfterTheOther = async (): Promise<void> => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, times) }, oneAfterTheOther));
}

/** The process of a thread (proc(5), Tgid). */
const processOf = (tid: number): number =>
  Number(/^Tgid:\s*(\d+)/m.exec(readProc(`/proc/${tid}/status`))?.[1] ?? 0);
