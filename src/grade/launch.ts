// Starts a student's program, with or without strace around it, and knows how it ended.

import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { WatchedServer } from '../sources/strace/watched-server.js';
import type { OutputTail } from './output-tail.js';
import { childrenNamed } from './processes.js';

/** A program that was started. */
export interface Launched {
  /** Children that Node itself waits for. */
  readonly ours: readonly number[];
  /** strace, which ends by itself when all that it follows has ended, and has something to write before. */
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
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let ending: string | undefined;
  output.read(child.stdout);
  output.read(child.stderr);
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      ending = notStarted(program, error.code ?? '');
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

function notStarted(program: string, code: string): string {
  switch (code) {
    case 'ENOENT':
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
    const server = new WatchedServer({
      target: { command: ['sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh', ...command] },
      onOutput: () => {},
      onEvents: (more) => {
        if (events.length < MOST_EVENTS) for (const event of more) events.push(event);
      },
    });
    const ended = server.ended.then(
      ({ listened, complaints }) => {
        ending = 'ended';
        const refusal = complaints.find((each) => /ptrace|PTRACE/.test(each));
        if (!listened && refusal !== undefined)
          problem =
            'this system does not allow strace to trace programs (in a container, start it with `--cap-add=SYS_PTRACE`)';
      },
      ({ code }: NodeJS.ErrnoException) => {
        ending = 'ended';
        problem =
          code === 'ENOENT'
            ? 'strace is not installed (`sudo apt-get install strace`)'
            : `strace could not be started (${code})`;
      },
    );
    const tracers = childrenNamed('strace');
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
