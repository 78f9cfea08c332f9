// Starts a student's program, with or without strace around it, and knows how it ended.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { inWords } from '../posix/shortage.js';
import { WatchedServer } from '../sources/strace/watched-server.js';
import type { OutputTail } from './output-tail.js';

/** A program that was started. */
export interface Launched {
  /** The child that Node itself waits for; undefined where there is none. */
  readonly child: number | undefined;
  /** Whether that is strace: it ends by itself when all that it follows has ended, and writes what it knows. */
  readonly isTraced: boolean;
  /** How it ended, in words; undefined while it runs. Its descendants may run on. */
  ending: string | undefined;
  /** For one that has been ended: resolves when Node has heard so, and its pipes are given up, whoever still has them open. */
  readonly release: () => Promise<void>;
}

/** How long its end may take to reach us, and strace to write what it knows, in milliseconds. */
const ENDS_MS = 3000;

const orTimeOut = (ended: Promise<void>): Promise<void> =>
  Promise.race([ended, delay(ENDS_MS, undefined, { ref: false })]);

export type Launch = (command: readonly string[], output: OutputTail) => Launched;

/** In a session of its own: Ctrl-C in the terminal does not reach it. */
export const launchPlainly: Launch = ([program = '', ...args], output) => {
  let child: ChildProcessByStdio<null, Readable, Readable>;
  try {
    child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return neverStarted(program, error); // for some errors of execve(2) there is no event
  }
  output.read(child.stdout);
  output.read(child.stderr);
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      launched.ending = whyNotStarted(program, error);
      resolve();
    });
    child.on('exit', (status, signal) => {
      launched.ending = signal === null ? `ended with status ${status}` : `was ended by the signal ${signal}`;
      resolve();
    });
  });
  const launched: Launched = {
    child: child.pid,
    isTraced: false,
    ending: undefined,
    release: () => {
      child.stdout.destroy();
      child.stderr.destroy();
      return orTimeOut(ended);
    },
  };
  return launched;
};

const neverStarted = (program: string, error: unknown): Launched => ({
  child: undefined,
  isTraced: false,
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

/** What strace has seen of a program. */
export interface ProgramTrace {
  readonly events: LifecycleEvent[];
  /** Why strace could not follow it, in words. */
  problem: string | undefined;
}

/** What it prints is thrown away: it was read in the first run. */
export const launchUnderStrace =
  (trace: ProgramTrace): Launch =>
  (command) => {
    let server: WatchedServer;
    try {
      server = new WatchedServer({
        target: { command: ['sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh', ...command] },
        onOutput: () => {},
        onEvents: (more) => {
          if (trace.events.length < MOST_EVENTS) for (const event of more) trace.events.push(event);
        },
      });
    } catch (error) {
      trace.problem = whyNoStrace(error);
      return neverStarted('strace', error);
    }
    const ended = server.ended
      .then(({ complaints }) => {
        if (complaints.some((each) => /ptrace|PTRACE/.test(each)) && trace.events.length === 0)
          trace.problem =
            'this system does not allow strace to trace programs (in a container, start it with `--cap-add=SYS_PTRACE`)';
      })
      .catch((error: unknown) => {
        trace.problem = whyNoStrace(error);
      })
      .then(() => {
        launched.ending = 'ended';
      });
    const launched: Launched = {
      child: server.tracer,
      isTraced: true,
      ending: undefined,
      release: () => orTimeOut(ended),
    };
    return launched;
  };

function whyNoStrace(error: unknown): string {
  const { code = String(error), syscall = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && syscall.endsWith('strace'))
    return 'strace is not installed (`sudo apt-get install strace`)';
  return `strace could not be started (${inWords(code)})`;
}
