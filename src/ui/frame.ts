// What stands above and below the lines of a server: what runs here and how to reach it, and what it did in the end.

import { networkInterfaces } from 'node:os';
import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent, Listening } from '../lifecycle/events.js';
import type { Mode, ServeOptions } from '../models/options.js';
import { count, duration } from './quantities.js';

export const MODELS: Record<Mode, string> = {
  iterative: 'iterative server: one thread, one connection at a time',
  blocking: 'blocking server: a thread for each connection',
  evented: 'evented server: one thread, one loop, every connection',
};

export function header(
  chalk: ChalkInstance,
  { address, port, pid }: Listening,
  options: ServeOptions,
): string {
  const rows: [string, string][] = [
    ['open', url(reachable(address), port)],
    ['try', `curl ${url(reachable(address), port)}connection`],
    ['class', forClass(address, port)],
    ['runs on', engine(options, pid)],
    ['stop', 'Ctrl-C'],
  ];
  if (options.mode === 'blocking') {
    const spare =
      options.spareThreads >= options.maxThreads ? 'all of them kept' : `${options.spareThreads} kept`;
    const startUp = 'a fresh one is a whole V8: some 30 ms, some 8 MB';
    rows.splice(4, 0, ['threads', `at most ${options.maxThreads}, ${spare} when idle`], ['', startUp]);
  }
  if (options.edgeTriggered && options.mode === 'evented') rows.splice(4, 0, ['epoll', 'edge-triggered']);
  if (options.keepOpen) rows.splice(4, 0, ['note', 'no connection is closed after its reply (--keep-open)']);
  const lines = rows.map(([name, text]) => `  ${chalk.dim(name.padEnd(8))} ${text}`);
  return `${[chalk.bold(`evented-demo, ${MODELS[options.mode]}`), ...lines].join('\n')}\n\n`;
}

function engine({ engine: name, mode }: ServeOptions, pid: number): string {
  const node = `Node ${process.version}, pid ${pid}`;
  if (name === 'portable') return `node:net, the portable engine: no system calls to see; ${node}`;
  return `${mode === 'evented' ? 'epoll and ' : ''}system calls of this kernel; ${node}`;
}

function forClass(address: string, port: number): string {
  if (isLoopback(address)) return 'this machine only; --host 0.0.0.0 lets others in';
  const urls = isAny(address) ? ownAddresses().map((each) => url(each, port)) : [url(address, port)];
  return urls.join(' ') || 'no address that others could open was found';
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';
const reachable = (address: string): string => (isAny(address) ? '127.0.0.1' : address);
const url = (address: string, port: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;

/** The IPv4 addresses of this machine that others may reach it by. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter((each) => each.family === 'IPv4' && !each.internal).map((each) => each.address),
  );
}

export function summary(chalk: ChalkInstance, event: LifecycleEvent & { event: 'stopped' }): string {
  const { connections, requests, bytesIn, bytesOut, peakConnections, peakThreads, leftOpen, eventsDropped } =
    event;
  const lines = [
    `${count(connections, 'connection')}, ${count(requests, 'request')}; ` +
      `${count(bytesIn, 'byte')} in, ${count(bytesOut, 'byte')} out`,
    `at most ${count(peakConnections, 'connection')} at once, on ${count(peakThreads, 'thread')}`,
  ];
  if (leftOpen > 0)
    lines.push(`${count(leftOpen, 'connection')} left open: the kernel closes them as the process ends`);
  if (eventsDropped > 0)
    lines.push(`${count(eventsDropped, 'event')} came too fast to be told; the totals are exact`);
  return `\n${chalk.bold(`stopped after ${duration(event.at)}`)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
