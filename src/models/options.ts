// How a server is set up: plain data, the same for every model, sent to each of its threads.

import type { Detail } from '../lifecycle/reporter.js';

export const MODES = [
  'iterative',
  'blocking',
  'pool',
  'processes',
  'evented',
  'async',
  'completion',
] as const;
export type Mode = (typeof MODES)[number];

/** A model with some of its own flags, such as `evented:loops=2` and `evented:poller=poll:loops=2`. */
export type ModelName = Mode | `${Mode}:${string}`;

/** A server beside others: a model's name, or that of a program that is not ours. */
export type ServerName = string;

export const modeOf = (name: ModelName): Mode => name.split(':')[0] as Mode;

/** The number that a model's own flag has, such as 2 for `loops` of `evented:loops=2`. */
export function numberOf(name: ModelName, flag: string): number | undefined {
  const found = new RegExp(`:${flag}=(\\d+)`).exec(name);
  return found === null ? undefined : Number(found[1]);
}

/** As `serve` takes it. */
export function serveFlagsOf(name: ModelName): string[] {
  const [mode, ...flags] = name.split(':');
  return ['--mode', mode!, ...flags.map((flag) => `--${flag}`)];
}

/** `system-calls`: the models on Linux's own calls. `portable`: node:net, where those are missing. */
export const ENGINES = ['system-calls', 'portable'] as const;
export type Engine = (typeof ENGINES)[number];

/** How a loop waits for many descriptors. */
export const POLLERS = ['epoll', 'poll', 'select'] as const;
export type PollerName = (typeof POLLERS)[number];

/** What a client may cost the server. Of seconds, 0 is no limit. */
export interface Limits {
  /** Seconds for a whole request head, from its first byte. The first request's first byte may take as long again. */
  readonly headTimeout: number;
  /** Seconds without a byte between two requests of a connection. */
  readonly idleTimeout: number;
  /** Seconds in which a client takes nothing of its reply. */
  readonly sendTimeout: number;
  /** Bytes of a request head; half of them for the request line. */
  readonly maxHead: number;
  /** Connections at once; one more is closed without a byte. */
  readonly maxConnections: number;
  /** Milliseconds of /sleep and /compute. */
  readonly maxMs: number;
  /** Bytes of /bytes. */
  readonly maxBytes: number;
}

/**
 * How a server is slowed down, so that a person can follow it: before each step a thread pauses for `ms`, or for a time
 * that makes its work take `factor` times as long.
 */
export type Pace = { readonly ms: number } | { readonly factor: number };

/** No factor makes a pause longer than this, in milliseconds. */
export const LONGEST_PAUSE_MS = 5_000;

/** Which connection of a pool's queue is next: the one that came first, or the one whose request is the shortest job. */
export const QUEUE_ORDERS = ['fifo', 'shortest'] as const;
/** What becomes of a client that finds a pool's queue full: it stays in the kernel's accept queue, or is refused. */
export const WHEN_FULL = ['wait', 'refuse'] as const;

export interface PoolOptions {
  readonly threads: number;
  /** Accepted connections that may wait for a thread. */
  readonly queueLimit: number;
  readonly queueOrder: (typeof QUEUE_ORDERS)[number];
  readonly whenFull: (typeof WHEN_FULL)[number];
}

/** Where no flag says otherwise. */
export const POOL: PoolOptions = { threads: 4, queueLimit: 16, queueOrder: 'fifo', whenFull: 'wait' };

export interface ProcessOptions {
  /** Processes at once. */
  readonly most: number;
  /** How many accept for themselves; 0: the parent accepts, and starts one for each connection. */
  readonly prefork: number;
}

/** A fault that a server has on purpose: `serve --mystery` (src/mystery). */
export interface HiddenFault {
  readonly name: string;
  /** How many, of whatever this fault counts. */
  readonly amount: number;
  /** The URL of the module that has the faulty calls: its `callsWith` gives their class. */
  readonly module: string;
}

/** Of a server whose user changes its pace while it runs, in `listening` and `stopped`. */
export const BY_HAND = 'by hand';

/** How a server was slowed down: `by --pace 200ms`, `by hand`. */
export const byPace = (pace: string): string => (pace === BY_HAND ? pace : `by --pace ${pace}`);

/** As `--pace` takes it, and as events have it. */
export const formatPace = (pace: Pace): string => ('ms' in pace ? `${pace.ms}ms` : `${pace.factor}x`);

/** A model and what makes this server differ from the plain one: `evented`, `evented:poller=select`. */
export function labelOf(options: Variant & { readonly mode: Mode }): string {
  return [options.mode, ...variantOf(options)].join(':');
}

/** Of the model's own flags, those that are not at their defaults: `poller=select`. */
export function variantOf({ poller, loops, share, workers }: Variant): string[] {
  return [
    ...(poller === 'epoll' ? [] : [`poller=${poller}`]),
    ...(loops === 1 ? [] : [`loops=${loops}`]),
    ...(share === undefined ? [] : [`share=${share}`]),
    ...(workers === 0 ? [] : [`workers=${workers}`]),
  ];
}

type Variant = Pick<ServeOptions, 'poller' | 'loops' | 'share' | 'workers'>;

export interface ServeOptions {
  readonly mode: Mode;
  readonly engine: Engine;
  /** Numeric. */
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How many connections the kernel keeps ready for accept(2); it has a limit of its own, somaxconn (listen(2)). */
  readonly backlog: number;
  /** Never close after the reply: the post's experiment. */
  readonly keepOpen: boolean;
  /** Let a client that wants to send more than one request over its connection. */
  readonly keepAlive: boolean;
  /** Connection threads at once. */
  readonly maxThreads: number;
  /** Connection threads that may stay idle for the next connection. */
  readonly spareThreads: number;
  /** Connection threads that are started before a connection needs them, whenever fewer are idle. */
  readonly minSpareThreads: number;
  readonly pool: PoolOptions;
  readonly processes: ProcessOptions;
  /** Of a model with a loop. */
  readonly poller: PollerName;
  readonly edgeTriggered: boolean;
  /** Loops of the evented model, each in a thread of its own; 1 for every other model. */
  readonly loops: number;
  /** Threads that compute for the evented model's loop; 0: it computes itself. */
  readonly workers: number;
  /** What the loops share. Absent: each has a listener of its own (SO_REUSEPORT). */
  readonly share?: 'listener';
  readonly limits: Limits;
  readonly detail: Detail;
  /** Absent: as fast as it can. */
  readonly pace?: Pace;
  /** There is a user who can change the pace while the server runs; with `step` it begins step by step. */
  readonly steered?: 'pace' | 'step';
  readonly hiddenFault?: HiddenFault;
}
