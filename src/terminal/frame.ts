// The text above and below the lines of a server: what runs here and how to reach it, and in the end what it did.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent, Listening, LoopTotals } from '../lifecycle/events.js';
import {
  byPace,
  type Mode,
  type PoolOptions,
  type ProcessOptions,
  type ServeOptions,
} from '../models/options.js';
import { isAny, isLinkLocal, isLoopback, urlOf } from '../net/address.js';
import { JAVASCRIPT_ENGINE, RUNTIME, RUNTIME_AND_VERSION } from '../posix/runtime.js';
import { urlsForOthers } from './invitation.js';
import { count, countServants, duration, number } from './quantities.js';
import { wrap } from './width.js';

const MODELS: Record<Mode, string> = {
  iterative: 'iterative server: one thread, one connection at a time',
  blocking: 'blocking server: a thread for each connection',
  pool: 'pool: a fixed number of threads, and a queue of connections',
  processes: 'processes: one for each connection, or a few that accept',
  evented: 'evented server: one thread, one loop, every connection',
  async: 'async server: one thread, one loop, async and await',
  completion: 'completion server: one thread, one loop, io_uring',
};

/** What runs here, as a title: the model, unless it has several loops or workers. */
export function titleOf(mode: Mode, loops: number, workers: number): string {
  if (workers > 0) return `evented server: one loop, and ${count(workers, 'thread')} to compute`;
  return loops > 1 ? `evented server: ${loops} loops, a thread each` : MODELS[mode];
}

/** Gives a picture of this URL, in lines; none where there is no room for it. */
export type DrawUrl = (url: string) => readonly string[];

/** What the header of a server says because other machines can connect to it. */
export interface ForOthers {
  readonly drawUrl?: DrawUrl;
  /** The limits that are lower for that reason, each as a flag with its value. */
  readonly lowered?: readonly string[];
}

const WORKERS_DO = 'do what /compute asks for, and wake the loop by an eventfd';

type Row = [name: string, text: string];

/** Of the second column: with the first it fits 80 columns. */
const TEXT_WIDTH = 68;

export function header(
  chalk: ChalkInstance,
  { address, port, pid }: Listening,
  options: ServeOptions,
  { drawUrl = () => [], lowered = [] }: ForOthers = {},
): string {
  const others = urlsForOthers(address, port);
  const own = urlOf({ address: reachable(address), port });
  const rows: Row[] = [
    ['open', own],
    ['try', `curl ${own}connection`],
    ...forClass(address, others),
    ...limitsFor(lowered),
    ['runs on', engine(options, pid)],
    ...(options.mode === 'blocking' ? threadRows(options) : []),
    ...(options.mode === 'pool' ? poolRows(options.pool) : []),
    ...(options.mode === 'processes' ? processRows(options.processes) : []),
    ...paceRows(options),
    ...(options.edgeTriggered ? named('epoll', 'edge-triggered') : []),
    ...pollerRows(options),
    ...loopRows(options),
    ...(options.workers > 0 ? named('workers', WORKERS_DO) : []),
    ...(options.keepOpen ? named('note', 'no connection is closed after its reply (--keep-open)') : []),
    ['stop', 'Ctrl-C'],
  ];
  const picture = others[0] === undefined ? [] : drawUrl(others[0]);
  return [
    chalk.bold(`evented-demo, ${titleOf(options.mode, options.loops, options.workers)}`),
    ...rows.map(([name, text]) => `  ${chalk.dim(name.padEnd(8))} ${text}`),
    '',
    ...picture,
    '',
  ].join('\n');
}

/** The name stands beside the first line of its text. */
const named = (name: string, ...lines: readonly string[]): Row[] =>
  lines.map((line, index) => [index === 0 ? name : '', line]);

function threadRows({ maxThreads, spareThreads, minSpareThreads }: ServeOptions): Row[] {
  const spare = spareThreads >= maxThreads ? 'all of them kept' : `${spareThreads} kept`;
  const ready = minSpareThreads === 0 ? '' : `, at least ${minSpareThreads} ready`;
  const cost = RUNTIME === 'Node' ? ': about 30 ms, about 8 MB' : ''; // measured with Node alone
  return named(
    'threads',
    `at most ${maxThreads}, ${spare} when idle${ready}`,
    `a new one is a whole ${JAVASCRIPT_ENGINE}${cost}`,
  );
}

function poolRows({ threads, queueLimit, queueOrder, whenFull }: PoolOptions): Row[] {
  const order = queueOrder === 'fifo' ? 'the first to come is next' : 'the shortest job is next';
  const rest = whenFull === 'wait' ? "wait in the kernel's accept queue" : 'are refused';
  return [
    ['threads', `${threads}, started before the first client`],
    ...named('queue', `at most ${count(queueLimit, 'connection')}; ${order}`, `more clients ${rest}`),
  ];
}

function processRows({ most, prefork }: ProcessOptions): Row[] {
  const children =
    prefork > 0
      ? `${count(prefork, 'process', 'processes')} that accept`
      : `a process for each connection, at most ${most}`;
  return [['children', `${children}, each a whole ${RUNTIME}`]];
}

const NOT_ITS_OWN = "durations are not the server's own";

function paceRows({ steered, pace }: ServeOptions): Row[] {
  if (steered === 'step') return named('pace', `stops before each step: ${NOT_ITS_OWN}`);
  if (pace === undefined) return [];
  const slowed =
    'ms' in pace ? `pauses ${pace.ms} ms before each step` : `each step ${pace.factor} times as long`;
  return named('pace', `${slowed}: ${NOT_ITS_OWN}`);
}

function pollerRows({ poller }: ServeOptions): Row[] {
  if (poller === 'epoll') return [];
  const given = `${poller}: the kernel is given the whole interest list at each wait`;
  if (poller === 'poll') return named('poller', given);
  return named('poller', `${given};`, 'it takes descriptors below 1,024 only');
}

function loopRows({ loops, share, poller }: ServeOptions): Row[] {
  if (loops === 1) return [];
  if (share === undefined) return [['loops', 'each has a listener; the kernel chooses one by the 4-tuple']];
  const woken = poller === 'epoll' ? 'wakes one that sleeps' : 'wakes all that sleep';
  return [['loops', `all watch one listener; a client ${woken}`]];
}

function engine({ engine: name, mode, poller }: ServeOptions, pid: number): string {
  const node = `${RUNTIME_AND_VERSION}, pid ${pid}`;
  if (name === 'portable') return `node:net (the portable engine); ${node}`;
  const waitsBy: Partial<Record<Mode, string>> = { evented: poller, async: poller, completion: 'io_uring' };
  const waits = waitsBy[mode];
  return `${waits === undefined ? '' : `${waits} and `}system calls of this kernel; ${node}`;
}

/** What other machines can open, or why they can't. */
function forClass(address: string, urls: readonly string[]): Row[] {
  if (isLoopback(address))
    return [['class', 'this machine only; use --host 0.0.0.0 to let other machines connect']];
  if (isLinkLocal(address))
    return named(
      'class',
      "browsers can't open a link-local address; curl can, with the name of",
      'the interface on its own machine',
    );
  if (urls.length === 0) return [['class', 'nobody: this machine has no address that others can reach']];
  return named('class', ...urls);
}

function limitsFor(lowered: readonly string[]): Row[] {
  if (lowered.length === 0) return [];
  const text = `lower, because other machines can connect: ${lowered.join(', ')}`;
  return named('limits', ...wrap(text, TEXT_WIDTH));
}

const reachable = (address: string): string => (isAny(address) ? '127.0.0.1' : address);

/** `mode`: where it is known. */
export function summary(
  chalk: ChalkInstance,
  event: LifecycleEvent & { event: 'stopped' },
  mode = '',
): string {
  const {
    connections,
    requests,
    bytesIn,
    bytesOut,
    peakConnections,
    peakThreads,
    peakQueue,
    leftOpen,
    loops,
    eventsDropped,
    pace,
  } = event;
  const lines = [
    `${count(connections, 'connection')}, ${count(requests, 'request')}; ` +
      `${count(bytesIn, 'byte')} in, ${count(bytesOut, 'byte')} out`,
    `at most ${count(peakConnections, 'connection')} at once, on ${countServants(mode, peakThreads)}`,
  ];
  if (peakQueue !== undefined) lines.push(`at most ${count(peakQueue, 'connection')} in the queue`);
  if (loops !== undefined) lines.push(splitLine(loops));
  if (leftOpen > 0)
    lines.push(
      `${count(leftOpen, 'connection')} left open: the kernel closes ${leftOpen === 1 ? 'it' : 'them'} as the process ends`,
    );
  if (eventsDropped > 0)
    lines.push(`${count(eventsDropped, 'event')} came too fast to be shown; the totals are exact`);
  if (pace !== undefined) lines.push(`slowed down ${byPace(pace)}: ${NOT_ITS_OWN}`);
  return `\n${chalk.bold(`stopped after ${duration(event.at)}`)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** How evenly the connections were spread over the loops. */
function splitLine(loops: readonly LoopTotals[]): string {
  const all = loops.reduce((sum, { connections }) => sum + connections, 0);
  const shares = loops.map(({ thread, connections }) => `${thread} ${number(connections)}`);
  return `connections by loop: ${shares.join(', ')} (an even split: ${number(all / loops.length)} each)`;
}
