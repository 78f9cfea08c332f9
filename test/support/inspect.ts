// What `inspect` tells of a server, for the tests that compare it with others who know.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { run, TestServer } from './server.js';

export interface InspectedSocket {
  readonly state: string;
  readonly end: 'server' | 'client';
  readonly local: { readonly address: string; readonly port: number };
  readonly peer: { readonly address: string; readonly port: number };
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly fourTuple?: readonly [string, number, string, number];
  readonly fd?: number;
  readonly connection?: number;
  readonly thread?: string;
  readonly process?: { readonly pid: number; readonly name: string };
  readonly awaitsAccept?: boolean;
  readonly secondsLeft?: number;
}

interface InterestList {
  readonly fd: number;
  readonly watches: readonly { fd: number; interest: string; data: string; connection?: number }[];
}

export interface Inspected {
  readonly server: {
    readonly pid: number;
    readonly mode: string;
    readonly engine: string;
    readonly address: string;
    readonly port: number;
    readonly fd?: number;
    readonly loops?: number;
    readonly listeners?: readonly number[];
  };
  readonly acceptQueue: { readonly waiting: number; readonly backlog?: number };
  readonly ownQueue?: number;
  readonly sockets: readonly InspectedSocket[];
  readonly threads: readonly {
    readonly tid: number;
    readonly name: string;
    readonly ofServer: boolean;
    readonly state: string;
    readonly call?: string;
    readonly fd?: number;
  }[];
  readonly interestList?: InterestList;
  readonly interestLists?: readonly InterestList[];
  readonly inFlight?: { readonly fd: number; readonly operations: Readonly<Record<string, number>> };
  readonly readable: { readonly descriptors: boolean; readonly calls: boolean };
}

/** A server that does not outlive its test. */
export async function start(t: TestContext, flags: readonly string[]): Promise<TestServer> {
  const server = await TestServer.start(flags);
  t.after(() => server.stop('SIGKILL'));
  return server;
}

export async function inspected({ port, pid }: TestServer): Promise<Inspected> {
  const { status, stdout, stderr } = await run([
    'inspect',
    `--port=${port}`,
    `--pid=${pid}`,
    '--format=json',
  ]);
  assert.deepEqual([status, stderr], [0, '']);
  return JSON.parse(stdout);
}

/** The first look for which this holds. Gives up with the test's own time limit. */
export async function inspectedWhen(
  server: TestServer,
  holds: (seen: Inspected) => boolean,
): Promise<Inspected> {
  for (;;) {
    const seen = await inspected(server);
    if (holds(seen)) return seen;
  }
}

/** How many sockets are in each state, at either end. */
export function numbers(seen: Inspected): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { state } of seen.sockets) result[state] = (result[state] ?? 0) + 1;
  return result;
}

/** As wide as `columns` says where it does. */
export async function pretty({ pid }: TestServer, columns = ''): Promise<string> {
  const env = { ...process.env, COLUMNS: columns };
  const { status, stdout, stderr } = await run(['inspect', `--pid=${pid}`], { env });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}
