// What a ring of io_uring has in flight: /proc/PID/fdinfo lists the operations that wait until a socket is ready. It does
// not say whose they are, and leaves out timeouts.

import * as io from '../posix/io-uring.js';
import { readProc } from '../posix/proc.js';

export interface RingOperations {
  /** The ring's descriptor. */
  readonly fd: number;
  /** How often each operation is in flight. */
  readonly operations: ReadonlyMap<string, number>;
}

const NAMES: Readonly<Record<number, string>> = {
  [io.IORING_OP_ACCEPT]: 'accept',
  [io.IORING_OP_RECV]: 'recv',
  [io.IORING_OP_SEND]: 'send',
};

export function inFlightOf(pid: number, ring: number): RingOperations {
  return { fd: ring, operations: parseInFlight(readProc(`/proc/${pid}/fdinfo/${ring}`)) };
}

/** The lines `  op=27, task_works=0` below `PollList:`. */
export function parseInFlight(fdinfo: string): Map<string, number> {
  const operations = new Map<string, number>();
  for (const [, opcode] of fdinfo.matchAll(/^ +op=(\d+), task_works=/gm)) {
    const name = NAMES[Number(opcode)] ?? `opcode ${opcode}`;
    operations.set(name, (operations.get(name) ?? 0) + 1);
  }
  return operations;
}
