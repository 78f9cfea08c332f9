// Starts a student's program, with or without strace around it, and knows how it ended.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { inWords } from '../posix/shortage.js';
import { WatchedServer } from '../sources/strace/watched-server.js';
import type { OutputTail } from './output-tail.js';
import { children } from './processes.js';

/** A program that was started. */
export interface Launched {
  /** Children that Node itself waits for. */
  readonly ours: readonly number[];
  /** strace, and what looks after it: they end by themselves when all that is followed has ended, and write what they know. */
  readonly tracers: readonly number[];
  /** How it ended, in words; undefined while it runs. Its descendants may run on. */
  readonly ending: string | undefined;
  /** For one that has been ended: resolves when Node has heard so, and its pipes are given up, whoever still has them open. */
  readonly release: () => Promise<void>;
}

/** How long its end may take to reach us, and strace to write what it knows, in milliseconds. */
const ENDS_MS = 3000;

async function within(milliseconds: number, ended: Promise<void>): Promise<void> {
  const over = new AbortController();
  const patience = delay(milliseconds, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([ended, patience]);
  over.abort();
}

export type Launch = (command: readonly string[], output: OutputTail) => Launched;

/** In a session of its own: Ctrl-C in the terminal does not reach it. */
export const launchPlainly: Launch = ([program = '', ...args], output) => {
  let child: ChildProcessByStdio<null, Readable, Readable>;
  try {
    child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return neverStarted(program, error); // for some errors of execve(2) there is no event
  }
  let ending: string | undefined;
  output.read(child.stdout);
  output.read(child.stderr);
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      ending = whyNotStarted(program, error);
      resolve();
    });
    child.on('exit', (status, signal) => {
      ending = signal === null ? `ended with status ${status}` : `was ended by the signal ${signal}`;
      resolve();
    });
  });
  return {
    ours: child.pid === undefined ? [] : [child.pid],
    tracers: [],
    get ending() {
      return ending;
    },
    release: async () => {
      child.stdout.destroy();
      child.stderr.destroy();
      await within(ENDS_MS, ended);
    },
  };
};

const neverStarted = (program: string, error: unknown): Launched => ({
  ours: [],
  tracers: [],
  ending: whyNotStarted(program, error),
  release: async () => {},
});

function whyNotStarted(program: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `could not be started: there is no program ${program}`;
    case 'EACCES':
      return `could not be started: ${program} is no program that can run; \`chmod +x\` makes a script one`;
    default:
      return `could not be started: the system says ${code}`;
  }
}

/** A server that never rests makes no larger recordings. */
const MOST_EVENTS = 500_000;

export interface Traced {
  readonly launch: Launch;
  readonly events: readonly LifecycleEvent[];
  /** Why strace could not follow it, in words. */
  readonly problem: string | undefined;
}

/** Under strace. What it prints is thrown away: it was read in the first run. */
export function underStrace(): Traced {
  const events: LifecycleEvent[] = [];
  let problem: string | undefined;
  const launch: Launch = (command) => {
    let ending: string | undefined;
    const before = children();
    let server: WatchedServer;
    try {
      server = new WatchedServer({
        target: { command: ['sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh', ...command] },
        onOutput: () => {},
        onEvents: (more) => {
          if (events.length < MOST_EVENTS) for (const event of more) events.push(event);
        },
      });
    } catch (error) {
      problem = whyNoStrace(error);
      return neverStarted('strace', error);
    }
    const ended = server.ended
      .then(
        ({ complaints }) => {
          if (complaints.some((each) => /ptrace|PTRACE/.test(each)) && events.length === 0)
            problem =
              'this system does not allow strace to trace programs (in a container, start it with `--cap-add=SYS_PTRACE`)';
        },
        (error: unknown) => {
          problem = whyNoStrace(error);
        },
      )
      .finally(() => {
        ending = 'ended';
      });
    const tracers = children().filter((pid) => !before.includes(pid));
    return {
      ours: tracers,
      tracers,
      get ending() {
        return ending;
      },
      release: () => within(ENDS_MS, ended),
    };
  };
  return {
    launch,
    events,
    get problem() {
      return problem;
    },
  };
}

function whyNoStrace(error: unknown): string {
  const { code = String(error), syscall = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && syscall.endsWith('strace'))
    return 'strace is not installed (`sudo apt-get install strace`)';
  return `strace could not be started (${inWords(code)})`;
}
