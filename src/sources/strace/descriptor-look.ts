// The descriptors of a watched server's processes that are no connections, counted: only what they refer to says whether
// they pile up.

import { linkOf, listProc } from '../../posix/proc.js';
import type { Processes, TracedProcess } from './processes.js';
import type { SeenEvent } from './seen.js';

/** Processes that are looked at: a server with a process for each connection may have thousands. */
const MOST_PROCESSES = 32;

export class DescriptorLook {
  readonly #processes: Processes;
  /** How many were no connections at the last look, and as the last event had it. */
  readonly #last = new WeakMap<TracedProcess, number>();
  readonly #reported = new WeakMap<TracedProcess, number>();

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  look(): SeenEvent[] {
    return this.#processes.all.slice(0, MOST_PROCESSES).flatMap((process) => this.#lookAt(process));
  }

  #lookAt(process: TracedProcess): SeenEvent[] {
    const { pid, table } = process;
    const fds = listProc(`/proc/${pid}/fd`);
    const seen = fds.length - table.connections;
    const last = this.#last.get(process);
    this.#last.set(process, seen);
    if (fds.length === 0) return [];
    if (last === undefined) {
      this.#reported.set(process, seen); // only what changes is worth an event
      return [];
    }
    const others = Math.min(seen, last); // one that has just been accepted is not known as a connection yet
    if (others === this.#reported.get(process)) return [];
    this.#reported.set(process, others);
    const isConnection = (fd: string): boolean => table.file(Number(fd))?.kind === 'connection';
    const kinds = fds.filter((fd) => !isConnection(fd)).map((fd) => kindOf(linkOf(`/proc/${pid}/fd/${fd}`)));
    const [most, times] = mostFrequent(kinds);
    return [{ event: 'descriptors', process: pid, open: fds.length, others, most, times }];
  }
}

/** `socket` of `socket:[12345]`, `eventpoll` of `anon_inode:[eventpoll]`, or a path. */
const kindOf = (link: string): string =>
  /^anon_inode:\[?(\w+)\]?$/.exec(link)?.[1] ?? /^(\w+):\[\d+\]$/.exec(link)?.[1] ?? link;

function mostFrequent(kinds: readonly string[]): [kind: string, times: number] {
  const times = new Map<string, number>();
  for (const kind of kinds) times.set(kind, (times.get(kind) ?? 0) + 1);
  return [...times].reduce((most, each) => (each[1] > most[1] ? each : most), ['', 0]);
}
