// The clients of `connect`: each plays its script and reports what happens to it, until all are done or somebody stops
// them.

import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from '../lifecycle/clock.js';
import type { StateOf } from '../net/tcp-state.js';
import {
  Client,
  type ClientFailure,
  type Exchange,
  type ServerAddress,
  type SourceAddress,
} from './client.js';
import type { ClientCloseReason, ClientEvent, Moment, ReceivedReply, StateChange } from './events.js';
import { StateWatch } from './state-watch.js';

/** What each client does. */
export interface ClientScript {
  readonly target: string;
  /** Requests on its connection, each after the reply to the one before. 0: it sends nothing. */
  readonly requests: number;
  /** Milliseconds from one byte of a request to the next. */
  readonly sendEveryMs?: number;
  /** Milliseconds from one read of {@link READ_BYTES} to the next. */
  readonly readEveryMs?: number;
  /** Keeps the connection until the end, whatever the server does with its side. */
  readonly hold: boolean;
  /** Ends it with a RST. */
  readonly reset: boolean;
  /** As {@link ClientOptions.patienceMs}. */
  readonly patienceMs: number;
}

export interface ClientGroup {
  readonly count: number;
  /** Milliseconds from one's start to the next one's. */
  readonly everyMs: number;
  /** The port of the first client. The others take the next ones. */
  readonly from?: SourceAddress;
}

/** A way to fail, and for how many clients it happened. */
export interface Trouble {
  readonly failure: ClientFailure;
  readonly clients: number;
}

/** A slow reader reads so much at a time. */
const READ_BYTES = 64 * 1024;

const FLUSH_EVERY_MS = 15;
/** After the reply, the client waits so long for the server to close first. */
const SERVER_FIRST_MS = 1000;
/** How long, after the last close, the kernel may take until no state changes any longer. */
const SETTLE_MS = 500;

export class ClientRun {
  /** Where to try, in this order. All connect to the first one that did not refuse. */
  readonly #candidates: ServerAddress[];
  readonly #group: ClientGroup;
  readonly #script: ClientScript;
  readonly #take: (events: readonly ClientEvent[]) => void;
  readonly #states: StateWatch | undefined;
  readonly #zeroUs = nowUs();
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<unknown>;
  /** The ones at work, in the order of their numbers. */
  readonly #clients = new Map<number, Client>();
  readonly #latencies: number[] = [];
  readonly #troubles = new Map<string, { failure: ClientFailure; clients: number }>();
  #events: ClientEvent[] = [];
  #started = 0;
  #connected = 0;
  #replies = 0;
  #failed = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  /** Resolves when all are done and all events were handed over. */
  readonly ended: Promise<readonly Trouble[]>;

  /** Without `stateOf` no states are reported. */
  constructor(
    candidates: readonly [ServerAddress, ...ServerAddress[]],
    group: ClientGroup,
    script: ClientScript,
    stateOf: StateOf | undefined,
    take: (events: readonly ClientEvent[]) => void,
  ) {
    this.#candidates = [...candidates];
    this.#group = group;
    this.#script = script;
    this.#take = take;
    this.#states = stateOf && new StateWatch(stateOf);
    this.#stopped = new Promise((resolve) => this.#stopping.signal.addEventListener('abort', resolve));
    this.ended = this.#run();
  }

  /** The ones at work close, in the order of their numbers. No others start. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    for (const client of this.#clients.values()) void client.close('stopping', this.#script.reset);
  }

  async #run(): Promise<readonly Trouble[]> {
    const flushing = setInterval(() => this.#flush(), FLUSH_EVERY_MS);
    this.#tellStarted();
    await this.#playAll();
    await this.#states?.settle(SETTLE_MS);
    this.#tellStopped(this.#states?.end());
    clearInterval(flushing);
    this.#flush();
    return [...this.#troubles.values()];
  }

  async #playAll(): Promise<void> {
    const { count, everyMs } = this.#group;
    const { signal } = this.#stopping;
    const playing: Promise<void>[] = [];
    for (let number = 1; number <= count; number++) {
      if (number > 1 && everyMs > 0) await sleep(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      playing.push(this.#play(number));
    }
    await Promise.all(playing);
  }

  async #play(number: number): Promise<void> {
    const client = await this.#connect(number);
    const failure = await this.#act(number, client);
    if (failure !== undefined && !this.#isStopping) this.#fail(failure);
    await client.close(closeReason(client), this.#script.reset); // does nothing if it is closed already
    this.#clients.delete(number);
  }

  /** Tries the next address, as curl does: nobody may listen on one of a name's addresses, such as ::1 of localhost. */
  async #connect(number: number): Promise<Client> {
    this.#started++;
    for (;;) {
      const where = this.#candidates[0]!;
      const client = this.#start(number, where);
      const outcome = await client.connected;
      if ((outcome !== 'refused' && outcome !== 'unreachable') || this.#isStopping) return client;
      if (this.#candidates[0] === where && this.#candidates.length > 1) this.#candidates.shift();
      if (this.#candidates[0] === where) return client;
      await client.closed;
    }
  }

  #start(number: number, where: ServerAddress): Client {
    const { count: _, everyMs: __, from } = this.#group;
    const { patienceMs, readEveryMs } = this.#script;
    const client: Client = new Client(where, {
      patienceMs,
      stateOf: this.#states?.stateOf,
      ...(from === undefined ? {} : { from: sourceOf(from, number) }),
      ...(readEveryMs === undefined ? {} : { read: { bytes: READ_BYTES, everyMs: readEveryMs } }),
      tell: (moment) => this.#onMoment(number, client, moment),
    });
    this.#clients.set(number, client);
    return client;
  }

  /** Resolves with why it failed, or undefined. */
  async #act(number: number, client: Client): Promise<ClientFailure | undefined> {
    if ((await client.connected) !== undefined) return client.failure;
    const { target, requests, sendEveryMs, hold } = this.#script;
    for (let i = 1; i <= requests; i++) {
      const keepAlive = hold || i < requests;
      const answer = await client.ask(target, { keepAlive, ...(sendEveryMs && { sendEveryMs }) });
      const { outcome } = answer;
      const isReply = outcome === 'answered' || outcome === 'not status 200';
      if (isReply || outcome === 'not an HTTP reply') this.#onReply(number, client, answer);
      if (!isReply) return { ...client.failure, outcome, ...(i > 1 && { replies: i - 1 }) };
    }
    await this.#stay(client);
    return client.failure?.outcome === 'reset' ? client.failure : undefined;
  }

  /** Resolves when it is time to close. */
  async #stay(client: Client): Promise<void> {
    const { requests, hold, reset } = this.#script;
    if (hold) return void (await Promise.race([client.closed, this.#stopped]));
    if (requests === 0) return void (await Promise.race([client.peerClosed, this.#stopped]));
    if (reset) return;
    const enough = new AbortController();
    const patience = sleep(SERVER_FIRST_MS, undefined, { signal: enough.signal }).catch(() => {});
    await Promise.race([client.peerClosed, patience, this.#stopped]);
    enough.abort();
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #onMoment(number: number, client: Client, moment: Moment): void {
    this.#tellOf(number, client, moment);
    switch (moment.event) {
      case 'connecting':
        if (client.fourTuple === undefined) return;
        this.#states?.watch(number, client.fourTuple, (to, from) =>
          this.#tellOf(number, client, { event: 'state', ...(from && { from }), to }),
        );
        return;
      case 'connected':
        this.#connected++;
        return this.#states?.look(number);
      case 'peer-closed':
        return this.#states?.look(number);
      case 'closed':
        this.#bytesIn += moment.bytesIn;
        this.#bytesOut += moment.bytesOut;
        return this.#states?.closed(number);
    }
  }

  #onReply(number: number, client: Client, { status, statusLine, tookUs, bytes, body }: Exchange): void {
    const took = Math.round(tookUs);
    const http = status === undefined ? {} : { status, statusLine: statusLine! };
    this.#tellOf(number, client, { event: 'reply', ...http, tookUs: took, bytes, body });
    if (status === undefined) return;
    this.#replies++;
    this.#latencies.push(took);
  }

  #fail(failure: ClientFailure): void {
    this.#failed++;
    const { outcome, call, errno, replies } = failure;
    const key = `${outcome} ${call} ${errno} ${replies}`;
    const known = this.#troubles.get(key);
    if (known === undefined) this.#troubles.set(key, { failure, clients: 1 });
    else known.clients++;
  }

  #tellOf(number: number, { fd, fourTuple }: Client, what: Moment | ReceivedReply | StateChange): void {
    this.#events.push({
      ...this.#now(),
      client: number,
      ...(fd === undefined ? {} : { fd }),
      ...(fourTuple === undefined ? {} : { fourTuple }),
      ...what,
    });
  }

  #tellStarted(): void {
    this.#events.push({
      at: 0,
      monotonicUs: Math.round(this.#zeroUs),
      event: 'started',
      pid: process.pid,
      startedAt: new Date().toISOString(),
      ...this.#candidates[0]!,
      clients: this.#group.count,
    });
  }

  #tellStopped(left: NonNullable<ReturnType<StateWatch['end']>> = {}): void {
    const sorted = this.#latencies.sort((a, b) => a - b);
    const latency = { p50: sorted[(sorted.length - 1) >> 1]!, max: sorted.at(-1)! };
    this.#events.push({
      ...this.#now(),
      event: 'stopped',
      clients: this.#started,
      connected: this.#connected,
      replies: this.#replies,
      failed: this.#failed,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      ...(sorted.length === 0 ? {} : { latency }),
      left,
    });
  }

  #now(): { at: number; monotonicUs: number } {
    const us = nowUs();
    return { at: Math.round(us - this.#zeroUs), monotonicUs: Math.round(us) };
  }

  #flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#take(events);
  }
}

function sourceOf({ address, port }: SourceAddress, number: number): SourceAddress {
  return port === undefined ? { address } : { address, port: port + number - 1 };
}

/** Why this side closes, if it was not stopped. */
function closeReason({ failure }: Client): ClientCloseReason {
  if (failure === undefined) return 'replied';
  if (failure.outcome === 'closed without a reply') return 'peer-closed';
  return failure.outcome === 'no reply in time' ? 'timed-out' : 'error';
}
