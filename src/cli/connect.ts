// Runs the clients until all are done or somebody stops them: their events to the screen, the signals to them.

import { readFileSync } from 'node:fs';
import { ClientRun } from '../clients/client-run.js';
import type { ClientEvent } from '../clients/events.js';
import { PrettyClients } from '../clients/pretty.js';
import type { StateOf } from '../net/tcp-state.js';
import { systemCallsUnavailable } from '../posix/platform.js';
import { colours } from '../ui/colours.js';
import { ndjsonSink } from '../ui/ndjson.js';
import { Output } from '../ui/output.js';
import { count } from '../ui/quantities.js';
import { Sink } from '../ui/sink.js';
import { terminalSize } from '../ui/terminal.js';
import type { ConnectFlags, ConnectPlan } from './connect-command.js';
import { troubleSentence } from './connect-trouble.js';
import { CliError, FAILED } from './errors.js';
import { leave } from './leave.js';
import { stopOnSignals } from './signals.js';
import { tell } from './tell.js';

const STDOUT = 1;
/** Characters that may wait for a reader: what a terminal can show in a moment, and what a program may take longer for. */
const TERMINAL_WAITING = 256 * 1024;
const PROGRAM_WAITING = 16 * 1024 * 1024;
/** How long the last lines may take to be read, in milliseconds. */
const FLUSH_MS = 500;
/** Descriptors that the program needs for itself. */
const OWN_DESCRIPTORS = 40;

/** Gives the exit status. */
export async function connect(plan: ConnectPlan, format: ConnectFlags['format']): Promise<number> {
  refuseTooMany(plan.crew.count);
  const stateOf = await tcpStates();
  const screen =
    format === 'ndjson'
      ? ndjsonSink<ClientEvent>(STDOUT, PROGRAM_WAITING, onClosed)
      : prettyScreen(plan, stateOf !== undefined);
  const run = new ClientRun(plan.where, plan.crew, plan.part, stateOf, (events) => screen.take(events));
  const release = stopOnSignals(() => run.stop(), leave);
  const troubles = await run.ended;
  await screen.output.flush(FLUSH_MS);
  release();

  const { skipped, failure: closed } = screen.output;
  if (skipped > 0 && closed === undefined)
    tell(`${skipped} lines were not shown: standard output was not read fast enough.`);
  for (const trouble of troubles) tell(troubleSentence(trouble, plan));
  const status = troubles.length === 0 ? 0 : FAILED;
  if (screen.output.stuck) await leave(status);
  return status;
}

/** A process can open so many descriptors (getrlimit(2), RLIMIT_NOFILE), and each client takes one. */
function refuseTooMany(clients: number): void {
  const limit = descriptorLimit();
  if (limit === undefined || clients + OWN_DESCRIPTORS <= limit) return;
  throw new CliError(
    `expected descriptors for ${count(clients, 'client')}, found a limit of ${count(limit, 'descriptor')}; ` +
      `raise it with \`ulimit -n ${clients + OWN_DESCRIPTORS}\`, or lower --count to ${limit - OWN_DESCRIPTORS}.`,
  );
}

/** Undefined where it can't be known, as elsewhere than on Linux. */
function descriptorLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** Undefined where the kernel can't be asked. */
async function tcpStates(): Promise<StateOf | undefined> {
  if (systemCallsUnavailable() !== undefined) return undefined;
  try {
    const { openTcpStates } = await import('../net/tcp-state.js');
    return openTcpStates();
  } catch {
    return undefined; // koffi can't be loaded
  }
}

function prettyScreen(plan: ConnectPlan, hasStates: boolean): Sink<ClientEvent> {
  const chalk = colours();
  const { stdout } = process;
  const pretty = new PrettyClients(chalk, terminalSize(stdout)?.columns, about(plan, hasStates));
  stdout.on('resize', () => {
    pretty.columns = terminalSize(stdout)?.columns;
  });
  const gap = (skipped: number): string => chalk.dim(`... ${skipped} lines not shown ...\n`);
  const output = new Output(STDOUT, stdout.isTTY ? TERMINAL_WAITING : PROGRAM_WAITING, gap, onClosed);
  return new Sink<ClientEvent>(output, (events) => pretty.lines(events));
}

function about({ crew, part }: ConnectPlan, hasStates: boolean): [string, string][] {
  const { count: clients, everyMs, from } = crew;
  const rows: [string, string][] = [];
  rows.push([clients === 1 ? 'it' : 'each', doing(part).join(', ')]);
  if (from !== undefined) {
    const port = from.port === undefined ? '' : `, port ${from.port}${clients > 1 ? ' and up' : ''}`;
    rows.push(['from', `${from.address}${port}`]);
  }
  if (clients > 1) rows.push(['starts', everyMs === 0 ? 'all at once' : `one every ${everyMs} ms`]);
  if (!hasStates) rows.push(['note', 'the TCP states of this side can not be had here']);
  rows.push(['runs on', `node:net; Node ${process.version}, pid ${process.pid}`], ['stop', 'Ctrl-C']);
  return rows;
}

function doing({ target, requests, sendEveryMs, readEveryMs, hold, reset }: ConnectPlan['part']): string[] {
  const when = hold ? ' on Ctrl-C only' : requests === 0 ? ' after the server, or on Ctrl-C' : '';
  return [
    requests === 0
      ? 'connects and says nothing'
      : `asks for ${target}${requests > 1 ? ` ${requests} times` : ''}`,
    ...(sendEveryMs === undefined ? [] : [`sends a byte every ${sendEveryMs} ms`]),
    ...(readEveryMs === undefined ? [] : [`reads 64 KiB every ${readEveryMs} ms`]),
    `then ${reset ? 'resets the connection' : 'closes'}${when}`,
  ];
}

function onClosed(code: string): void {
  tell(`standard output can no longer be written (${code}); the clients go on without it, Ctrl-C ends them.`);
}
