// A student's server, from its start to its end: where it listens, whether it lives, and what is left of it.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ServerAddress } from '../clients/client.js';
import { isAny } from '../net/address.js';
import { freePorts, PORT } from '../net/free-port.js';
import { socketDescriptors } from '../net/socket-holders.js';
import { listeners, type TcpSocket } from '../net/tcp-table.js';
import { descendants, endDescendants, living, reapOrphans, until } from '../posix/descendants.js';
import { guardSession, sessionOver } from '../posix/guard.js';
import { Failure } from './failure.js';
import type { Launch, Launched } from './launch.js';
import { OutputTail } from './output-tail.js';
import { inSeconds } from './task.js';

/** A server that listens elsewhere may still come to the port that it was given, in milliseconds. */
const ELSEWHERE_MS = 1000;
/** How often all its descriptors are read for that. */
const LOOK_ELSEWHERE_MS = 200;

export class GradedServer {
  readonly #launched: Launched;
  readonly #sessions = new Set<number>();
  #isOver = false;
  readonly output = new OutputTail();
  readonly port: number;
  /** Where clients reach it, from the moment it listens. */
  where: ServerAddress;

  private constructor(command: readonly string[], port: number, launch: Launch) {
    this.port = port;
    this.where = { address: '127.0.0.1', port };
    this.#launched = launch(
      command.map((word) => word.replaceAll(PORT, String(port))),
      this.output,
    );
  }

  /** On a free port. */
  static async start(command: readonly string[], launch: Launch): Promise<GradedServer> {
    return new GradedServer(command, await freePort(), launch);
  }

  /** All its processes that run. */
  get pids(): number[] {
    return living(this.#tracer);
  }

  get #tracer(): number | undefined {
    return this.#launched.isTraced ? this.#launched.child : undefined;
  }

  /** How it ended, in words; undefined where something of it still runs. */
  get death(): string | undefined {
    const { ending } = this.#launched;
    return ending === undefined || this.pids.length > 0 ? undefined : ending;
  }

  /** The kernel's tables say when it listens: a client that only tries would count as one. Throws a Failure. */
  async listens(withinSeconds: number): Promise<void> {
    let elsewhereSince: number | undefined;
    let elsewhere: TcpSocket[] = [];
    let nextLook = performance.now() + LOOK_ELSEWHERE_MS;
    const isOver = (): boolean => {
      const all = listeners();
      const own = all.find(({ local }) => local.port === this.port);
      if (own !== undefined) {
        this.where = { address: reachable(own.local.address), port: this.port };
        return true;
      }
      if (this.#isOver || this.death !== undefined) return true;
      const now = performance.now();
      if (now < nextLook) return false;
      nextLook = now + LOOK_ELSEWHERE_MS;
      this.#guardSessions();
      elsewhere = this.#listeners(all);
      if (elsewhere.length > 0) elsewhereSince ??= now;
      return now - (elsewhereSince ?? now) > ELSEWHERE_MS;
    };
    await until(isOver, withinSeconds * 1000);
    if (listeners().some(({ local }) => local.port === this.port)) return this.#guardSessions();
    throw this.#neverListened(withinSeconds, elsewhere);
  }

  /** It may have become a daemon, in a session of its own, and have written over its environment. */
  #guardSessions(): void {
    for (const { session } of descendants()) {
      this.#sessions.add(session);
      guardSession(session);
    }
  }

  #neverListened(seconds: number, elsewhere: readonly TcpSocket[]): Failure {
    const { death, port } = this;
    const [other] = elsewhere;
    if (death?.startsWith('could not')) return new Failure(`The server ${death}.`);
    if (death !== undefined)
      return new Failure(`The server ${death} before it listened on port ${port}.`, RUN_IT);
    if (other !== undefined)
      return new Failure(
        `The server listens on port ${other.local.port}, but it was given port ${port}.`,
        'Take the port from the arguments of the program.',
      );
    return new Failure(`The server did not listen on port ${port} within ${inSeconds(seconds)}.`, RUN_IT);
  }

  #listeners(all: readonly TcpSocket[]): TcpSocket[] {
    const inodes = new Set(this.pids.flatMap((pid) => [...socketDescriptors(pid)].map(([inode]) => inode)));
    return all.filter(({ inode }) => inodes.has(inode));
  }

  /** Resolves when nothing that it started is left. */
  async end(): Promise<void> {
    this.#isOver = true;
    await endDescendants(this.#tracer);
    await this.#launched.release();
    await endDescendants();
    reapOrphans(this.#launched.child);
    for (const session of this.#sessions) sessionOver(session);
  }
}

const RUN_IT = 'Run its command yourself, with a port of your own, to see what it does.';

/** An address of this machine at which a listener can be reached. */
function reachable(address: string): string {
  if (!isAny(address)) return address;
  return address.includes(':') ? '::1' : '127.0.0.1';
}

/** One of those that the kernel gives to clients where there is no other. */
async function freePort(): Promise<number> {
  return (await freePorts(1)) ?? (await kernelsPort());
}

async function kernelsPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
