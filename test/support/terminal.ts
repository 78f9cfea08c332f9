// The program on a terminal, which script(1) makes: keys go in as bytes, and what a screen would show comes out.

import type { ChildProcess } from 'node:child_process';
import { spawn } from './cleanup.js';
import { PROGRAM } from './server.js';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** A command for the same terminal, when the program has ended. */
  readonly afterwards?: string;
}

/** Ends with the program's own status. Ctrl-C, byte 3, reaches the program alone: the shell around it goes on. */
export function onTerminal(
  args: readonly string[],
  { columns = 80, rows = 24, env = process.env, afterwards = ':' }: TerminalOptions = {},
): ChildProcess {
  const program = [process.execPath, PROGRAM, ...args].map((each) => `'${each}'`).join(' ');
  // Without its own trap a shell such as dash dies of the SIGINT that the program takes for a wish, and script with it.
  const command = `trap : INT; stty cols ${columns} rows ${rows}; ${program}; status=$?; ${afterwards}; exit $status`;
  return spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env, // which names the shell by which script runs the command
  });
}
