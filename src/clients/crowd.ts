// The clients of one server: quick ones, silent ones, those that send or read slowly, those that hold a connection and
// say no more. All but the quick ones misbehave, each as real clients do.

import { nowUs } from '../lifecycle/clock.js';
import { Client, type ClientOptions, type Manner, sleep, type Where } from './client.js';
import type { Moment } from './events.js';
import { Tally } from './tally.js';

export interface Quick extends ClientOptions, Manner {
  /** How many requests, each on a connection of its own. */
  readonly requests: number;
  /** How many at a time: all, where it is left out. */
  readonly atOnce?: number;
  /** A next one is sent every so many milliseconds, whether or not the last one was answered. */
  readonly everyMs?: number;
  readonly target?: string;
  /** Whether their latency is what the scenario measures. */
  readonly measured?: boolean;
}

/** Hears what happens to a client, which is known by its number, counted from 1; `startedUs` is on the common clock. */
export type Watch = (number: number, startedUs: number, client: Client, moment: Moment) => void;

/** How /connection tells of a connection thread. */
const OWN_THREAD = /^thread +conn-\d+ /m;

/** Many threads may have to start on a busy machine, and how long that takes is no part of the story. */
const WARM_UP_PATIENCE_MS = 30_000;

export class Crowd {
  readonly tally = new Tally();
  readonly #where: Where;
  readonly #patienceMs: number;
  readonly #watch: Watch | undefined;
  #held: Client[] = [];
  #made = 0;

  /** `watch` hears of every moment of every client. */
  constructor(where: Where, patienceMs: number, watch?: Watch) {
    this.#where = where;
    this.#patienceMs = patienceMs;
    this.#watch = watch;
  }

  /** Resolves when each is answered, or has lost its patience. */
  async quick({ requests, atOnce = requests, everyMs = 0, target = '/', ...rest }: Quick): Promise<void> {
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
    let left = requests;
    const oneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) await this.#ask(target, rest);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, requests) }, oneAfterTheOther));
  }

  /**
   * So many ask at once, for /connection, and stay until all have been answered: so many threads are there afterwards,
   * where each connection has one. A thread that serves everybody has only to be asked; to stay would block it. This is
   * no part of what a scenario is about, so it counts only where it fails.
   */
  async warmUp(count: number): Promise<void> {
    const patienceMs = Math.max(this.#patienceMs, WARM_UP_PATIENCE_MS);
    const clients = Array.from({ length: count }, () => this.#connect({ patienceMs }));
    const ask = async (client: Client): Promise<void> => {
      const answer = await client.ask('/connection', { keepAlive: true });
      if (answer.outcome !== 'answered') this.tally.fail(answer.outcome);
      if (!OWN_THREAD.test(answer.body)) await client.close();
    };
    await Promise.all(clients.map(ask));
    await Promise.all(clients.map((each) => each.close()));
  }

  /** They connect and say nothing. Resolves when the kernel has connected them, whether or not anyone accepts. */
  async silent(count: number): Promise<void> {
    const clients = Array.from({ length: count }, () => this.#connect());
    this.#held.push(...clients);
    for (const { connected } of clients) {
      const failure = await connected;
      if (failure !== undefined) this.tally.fail(failure);
    }
  }

  /**
   * They ask once, and then hold the connection and say no more. So many at a time ask, the next after them. `from` is
   * the address that they come from: each has some 28,000 ports (ip(7), ip_local_port_range).
   */
  async idle(count: number, atOnce = 50, from?: string): Promise<void> {
    let left = count;
    const oneAfterTheOther = async (): Promise<void> => {
      while (left-- > 0) {
        const client = this.#connect(from === undefined ? {} : { from: { address: from } });
        this.#held.push(client);
        this.tally.add(await client.ask('/', { keepAlive: true }), false);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, oneAfterTheOther));
  }

  /** Those that held a connection close it. */
  async leave(): Promise<void> {
    await Promise.all(this.#held.splice(0).map((each) => each.close()));
  }

  async #ask(target: string, { measured = true, ...options }: Partial<Quick>): Promise<void> {
    const client = this.#connect(options);
    const answer = await client.ask(target, options);
    this.tally.add(answer, measured);
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
