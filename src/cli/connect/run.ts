// Runs the clients until all are done or a signal stops them. Their events go to the screen.

import { ClientRun } from '../../clients/client-run.js';
import type { ClientEvent } from '../../clients/events.js';
import { PrettyClients } from '../../clients/pretty.js';
import type { StateOf } from '../../net/tcp-state.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { RUNTIME_AND_VERSION } from '../../posix/runtime.js';
import { colours } from '../../terminal/colours.js';
import { count } from '../../terminal/quantities.js';
import type { Sink } from '../../terminal/sink.js';
import { needDescriptors } from '../enough-descriptors.js';
import { FAILED } from '../errors.js';
import { leave } from '../leave.js';
import { printError } from '../print-error.js';
import { stopOnSignals } from '../signals.js';
import {
  finish,
  ndjsonOutput,
  type OnClosed,
  onReaderGone,
  overwriteEcho,
  prettyOutput,
} from '../standard-output.js';
import type { ConnectFlags, ConnectPlan } from './flags.js';
import { troubleSentence } from './trouble.js';

/** Descriptors that the program itself needs. */
const OWN_DESCRIPTORS = 40;

/** Gives the exit status. */
export async function connect(plan: ConnectPlan, format: ConnectFlags['format']): Promise<number> {
  const { count: clients } = plan.group;
  needDescriptors(clients + OWN_DESCRIPTORS, count(clients, 'client'), (limit) => {
    const most = limit - OWN_DESCRIPTORS;
    return most < 1 ? '' : `, or lower --count to ${most}`;
  });
  const stateOf = await tcpStates();
  let stopping = false;
  const onClosed = onReaderGone('the clients continue without it; Ctrl-C stops them', () => stopping);
  const screen =
    format === 'ndjson'
      ? ndjsonOutput<ClientEvent>(onClosed)
      : prettyScreen(plan, stateOf !== undefined, onClosed);
  const run = new ClientRun(plan.candidates, plan.group, plan.script, stateOf, (events) =>
    screen.take(events),
  );
  const release = stopOnSignals(() => {
    stopping = true;
    if (format === 'pretty') overwriteEcho(screen.output);
    run.stop();
  }, leave);
  const troubles = await run.ended;
  await finish(screen.output);
  release();

  for (const trouble of troubles) printError(troubleSentence(trouble, plan));
  const status = troubles.length === 0 && !screen.output.lost ? 0 : FAILED;
  if (screen.output.stuck) await leave(status);
  return status;
}

/** Undefined where the kernel does not answer such questions. */
async function tcpStates(): Promise<StateOf | undefined> {
  if (systemCallsUnavailable() !== undefined) return undefined;
  try {
    const { openTcpStates } = await import('../../net/tcp-state.js');
    return openTcpStates();
  } catch {
    return undefined; // koffi can't be loaded
  }
}

function prettyScreen(plan: ConnectPlan, hasStates: boolean, onClosed: OnClosed): Sink<ClientEvent> {
  const chalk = colours();
  return prettyOutput(chalk, new PrettyClients(chalk, undefined, about(plan, hasStates)), onClosed);
}

function about({ group, script }: ConnectPlan, hasStates: boolean): [string, string][] {
  const { count: clients, everyMs, from } = group;
  const rows: [string, string][] = [];
  rows.push([clients === 1 ? 'client' : 'each', doing(script).join(', ')]);
  if (from !== undefined) {
    const port = from.port === undefined ? '' : `, port ${from.port}${clients > 1 ? ' and up' : ''}`;
    rows.push(['from', `${from.address}${port}`]);
  }
  if (clients > 1) rows.push(['starts', everyMs === 0 ? 'all at once' : `one every ${everyMs} ms`]);
  if (!hasStates)
    rows.push([
      'note',
      `TCP states are not shown: asking the kernel for them ${systemCallsUnavailable() ?? 'did not work'}`,
    ]);
  rows.push(['runs on', `node:net; ${RUNTIME_AND_VERSION}, pid ${process.pid}`], ['stop', 'Ctrl-C']);
  return rows;
}

function doing({ target, requests, sendEveryMs, readEveryMs, hold, reset }: ConnectPlan['script']): string[] {
  const when = hold ? ' on Ctrl-C only' : requests === 0 ? ' after the server does, or on Ctrl-C' : '';
  return [
    requests === 0
      ? 'connects and sends nothing'
      : `requests ${target}${requests > 1 ? ` ${requests} times` : ''}`,
    ...(sendEveryMs === undefined ? [] : [`sends a byte every ${sendEveryMs} ms`]),
    ...(readEveryMs === undefined ? [] : [`reads 64 KiB every ${readEveryMs} ms`]),
    `then ${reset ? 'resets the connection' : 'closes'}${when}`,
  ];
}
