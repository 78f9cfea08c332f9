// Plays one check against a server of its own start, so that no failure leads to another. Clients are real, on loopback.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../posix/descendants.js';
import { count } from '../terminal/quantities.js';
import type { PlannedCheck } from './assignment.js';
import { Failure, NotRun, Skipped } from './failure.js';
import { GradedServer } from './graded-server.js';
import { type Launch, launchPlainly } from './launch.js';
import { inSeconds, type Task } from './task.js';
import { Testbed } from './testbed.js';
import { whereItSlept } from './where-it-slept.js';

export type CheckStatus = 'passed' | 'failed' | 'not run' | 'skipped';

export interface CheckOutcome {
  readonly status: CheckStatus;
  /** Why it did not pass, in sentences: what happened, what the server did at that moment, what to look at. */
  readonly reasons: readonly string[];
  /** The last lines that the server printed. */
  readonly printed: readonly string[];
  readonly seconds: number;
  /** Whether the server did not come so far as to listen. */
  readonly neverListened: boolean;
  /** It was not made: the server did not listen for the first check either. */
  readonly asFirst?: true;
  /** The wall clock when it failed, in milliseconds. */
  readonly failedAt: number | undefined;
}

/** No check takes longer, whatever its limits are. */
const MOST_SECONDS = 120;
/** How long the end of a process may take to reach us, in milliseconds. */
const DEATH_MS = 250;
const LINES_SHOWN = 5;
/** Bytes: a server that prints more than that did not mean to. */
const MUCH = 1_000_000;

const STOPPED: CheckOutcome = {
  status: 'not run',
  reasons: ['It was stopped.'],
  printed: [],
  seconds: 0,
  neverListened: false,
  failedAt: undefined,
};

export async function play(
  command: readonly string[],
  { check, limits }: PlannedCheck,
  task: Task,
  stopped: AbortSignal,
  launch: Launch = launchPlainly,
): Promise<CheckOutcome> {
  const startedAt = performance.now();
  if (stopped.aborted) return STOPPED;
  const server = await GradedServer.start(command, launch);
  const testbed = new Testbed(server, task);
  let neverListened = true;
  const playing = async (): Promise<void> => {
    await server.listens(task.start);
    neverListened = false;
    await check.play(testbed, limits);
    if (server.death !== undefined) throw new Failure(`The server ${server.death}, after it had answered.`);
  };
  try {
    const error = await bounded(playing(), stopped);
    const failedAt = Date.now();
    const reasons = await reasonsOf(error, testbed, neverListened);
    const status = statusOf(error);
    const hasFailed = status === 'failed';
    return {
      status,
      reasons,
      printed: hasFailed ? server.output.lines(LINES_SHOWN) : [],
      seconds: (performance.now() - startedAt) / 1000,
      neverListened: hasFailed && neverListened,
      failedAt: hasFailed ? failedAt : undefined,
    };
  } finally {
    testbed.end();
    await server.end();
  }
}

function statusOf(error: unknown): CheckStatus {
  if (error === undefined) return 'passed';
  if (error instanceof Failure) return 'failed';
  if (error instanceof NotRun) return 'not run';
  if (error instanceof Skipped) return 'skipped';
  throw error;
}

/** Resolves with what it threw; no later than the longest time of a check, or than it is stopped. */
async function bounded(playing: Promise<void>, stopped: AbortSignal): Promise<unknown> {
  const over = new AbortController();
  const late = delay(MOST_SECONDS * 1000, undefined, { signal: over.signal }).then(() => {
    throw new Failure(
      `The check was not over after ${inSeconds(MOST_SECONDS)}.`,
      'Look at why your server is so slow.',
    );
  });
  const stop = once(stopped, 'abort', { signal: over.signal }).then(() => {
    throw new NotRun(STOPPED.reasons[0]);
  });
  try {
    await Promise.race([playing, late, stop]);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    over.abort();
  }
}

async function reasonsOf(
  error: unknown,
  { server, clients }: Testbed,
  neverListened: boolean,
): Promise<string[]> {
  if (!(error instanceof Error)) return [];
  if (!(error instanceof Failure)) return [error.message];
  const slept = whereItSlept(server.pids, server.port, clients);
  const died = !neverListened && (await until(() => server.death !== undefined, DEATH_MS));
  const evidence = died ? `The server ${server.death}.` : slept;
  const { bytes } = server.output;
  return [
    error.message,
    evidence,
    signalAdvice(server.death) ?? error.look,
    bytes > MUCH ? `It has printed ${count(bytes, 'byte')}: so much makes a server slow.` : undefined,
  ].filter((each) => each !== undefined);
}

function signalAdvice(death = ''): string | undefined {
  if (death.includes('SIGPIPE'))
    return 'Look at send: to a client that has gone it raises SIGPIPE, which ends the program. Ignore that signal, or use MSG_NOSIGNAL.';
  if (/SIGSEGV|SIGBUS|SIGABRT/.test(death))
    return 'Look for memory that is not its own: compile with `-g -fsanitize=address`, and run it again.';
  return undefined;
}
