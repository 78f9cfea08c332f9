// A server of a comparison at work, whoever wrote it, and how one is started.

import type { Listening, OnEvents } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';

export interface ComparedServer {
  readonly mode: ServerName;
  /** Undefined where it never came to listen. */
  readonly listening: Promise<Listening | undefined>;
  /** Resolves after its last event; with a sentence if it ended early. */
  readonly ended: Promise<string | undefined>;
  /** Of a server that was started with --steered: from now on it pauses so long before each step. */
  pauseFor?(milliseconds: number): void;
  /** Stops it in order, and resolves when it has ended. */
  stop(): Promise<void>;
}

export interface Starter {
  readonly name: ServerName;
  /** Where it is not one of our models. */
  readonly command?: string;
  readonly start: (onEvents: OnEvents) => ComparedServer;
}
