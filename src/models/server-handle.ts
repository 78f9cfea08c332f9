// A running server as the main thread sees it, on either engine. It fails, or it is stopped.

import type { ServerMemory } from '../lifecycle/server-memory.js';
import type { ServeOptions } from './options.js';

/** Why a server failed. It is plain data, so that one thread can send it to another. */
export interface ServerFailure {
  readonly message: string;
  /** Set where a system call failed. */
  readonly call?: string;
  readonly code?: string;
}

export interface ServerHandle {
  /**
   * Resolves when every thread has reported its last event, with the reason if the server failed. The system may still be
   * busy ending the threads.
   */
  readonly ended: Promise<ServerFailure | undefined>;
  /** Asks every thread to end, and wakes those that sleep. Returns at once. */
  stop(): void;
}

export type StartServer = (options: ServeOptions, memory: ServerMemory) => ServerHandle;
