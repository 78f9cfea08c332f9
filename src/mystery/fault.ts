// What a fault is: something a student can name, a way to prove it, and the calls that have it.
// A file in faults/ for each. Only its class is used by the server; the rest is for `evented-demo mystery`.

import type { Mode } from '../models/options.js';
import type { CallsClass } from '../models/server-thread.js';
import type { Evidence } from './evidence.js';

/** A name for what may be wrong. Some fit no mystery at all. */
export interface Diagnosis {
  /** As `mystery N --answer` takes it. */
  readonly name: string;
  /** What the server does wrong. */
  readonly claim: string;
  /** What would be seen from outside, and with which tool. */
  readonly sign: string;
  /** What only somebody knows who has looked. */
  readonly question: string;
}

/** A command, as it is typed, and what it shows. */
export type Look = readonly [command: string, shows: string];

export interface Fault extends Diagnosis {
  /** The servers that can have it. */
  readonly servers: readonly MysteryServer[];
  /** The seed chooses one. What it counts, the fault itself knows; absent where there is nothing to count. */
  readonly amounts?: readonly number[];
  readonly Calls: CallsClass;
  readonly evidence: (amount: number) => Evidence;
  /** For the teacher: what is wrong in the code, and what would be right. */
  readonly cause: (amount: number) => string;
  readonly looks: readonly Look[];
}

/** A model and its flags, as `serve` has them. */
export interface MysteryServer {
  readonly mode: Mode;
  readonly keepAlive?: true;
  readonly edgeTriggered?: true;
  readonly workers?: number;
}

/** They are numbered from 1. With one seed, each fault is that of one mystery. It stands here because `serve` loads none of the faults. */
export const MYSTERIES = 16;

// The servers, in groups. The header shows which server it is, and must not give the fault away: so most have many faults.

const EVENTED: MysteryServer = { mode: 'evented' };
const WITH_A_WORKER: MysteryServer = { mode: 'evented', workers: 1 };
const EDGE_TRIGGERED: MysteryServer = { mode: 'evented', edgeTriggered: true };
const ASYNC: MysteryServer = { mode: 'async' };

/** It closes after each reply. */
export const WITH_A_LOOP: readonly MysteryServer[] = [EVENTED, EDGE_TRIGGERED, WITH_A_WORKER, ASYNC];
export const LEVEL_TRIGGERED: readonly MysteryServer[] = [EVENTED, WITH_A_WORKER, ASYNC];
/** The loop itself computes. */
export const WITHOUT_WORKER: readonly MysteryServer[] = [EVENTED, EDGE_TRIGGERED, ASYNC];
export const ONE_THREAD: readonly MysteryServer[] = [...WITH_A_LOOP, { mode: 'iterative' }];
/** With blocking and pool too, whose other threads have no fault: only for faults of the thread that accepts. */
export const EVERY_ACCEPTOR: readonly MysteryServer[] = [
  ...ONE_THREAD,
  { mode: 'blocking' },
  { mode: 'pool' },
];

export const keptAlive = (servers: readonly MysteryServer[]): MysteryServer[] =>
  servers.map((server) => ({ ...server, keepAlive: true }));
