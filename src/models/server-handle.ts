// A server at work as the main thread sees it, whatever it is built on: it ends by itself or because it was stopped.

import type { ServerMemory } from '../lifecycle/server-memory.js';
import type { ServeOptions } from './options.js';

/** Why a server ended by itself. It is plain data, so that one thread can send it to another. */
export interface ServerFailure {
  readonly message: string;
  /** Set where a system call failed. */
  readonly call?: string;
  readonly code?: string;
}

export interface ServerHandle {
  /**
   * Resolves when every thread has told its last event, with the reason where nobody had asked for the end. The system
   * may still be busy to take the threads down.
   */
  readonly ended: Promise<ServerFailure | undefined>;
  /** Asks every thread to end, and wakes those that sleep. Returns at once. */
  stop(): void;
}

export type StartServer = (options: ServeOptions, memory: ServerMemory) => ServerHandle;
