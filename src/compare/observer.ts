// Who looks on while servers run beside each other: the lines, the board, the page.

import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import type { Sample, ScenarioStep } from './comparison.js';

/** Each hears what it has a method for. Times are on the common axis. */
export interface Observer {
  onListening?(mode: ServerName, port: number, pid: number): void;
  /** The clients begin; `zeroUs` is the common clock at 0 of the axis. */
  onBegin?(zeroUs: number): void;
  onStep?(step: ScenarioStep): void;
  /** The events of all servers and the steps come in one order of time. What happened before the clients began has times below 0. */
  onEvent?(mode: ServerName, event: LifecycleEvent): void;
  /** When this server's clients began to connect, were connected and closed. */
  onMoments?(mode: ServerName, moments: readonly ClientMoment[]): void;
  /** Whether all that happened to the clients is wanted, each send and receive too: it costs them time. */
  readonly everyMoment?: boolean;
  onSample?(mode: ServerName, sample: Sample): void;
  onFailure?(mode: ServerName, sentence: string): void;
  onLoad?(mode: ServerName, seconds: number): void;
}

/** Several who look on. */
export function together(observers: readonly Observer[]): Observer {
  const tell = (about: (observer: Observer) => void): void => {
    for (const observer of observers) about(observer);
  };
  return {
    onListening: (...told) => tell((observer) => observer.onListening?.(...told)),
    onBegin: (...told) => tell((observer) => observer.onBegin?.(...told)),
    onStep: (...told) => tell((observer) => observer.onStep?.(...told)),
    onEvent: (...told) => tell((observer) => observer.onEvent?.(...told)),
    onMoments: (...told) => tell((observer) => observer.onMoments?.(...told)),
    everyMoment: observers.some(({ everyMoment }) => everyMoment),
    onSample: (...told) => tell((observer) => observer.onSample?.(...told)),
    onFailure: (...told) => tell((observer) => observer.onFailure?.(...told)),
    onLoad: (...told) => tell((observer) => observer.onLoad?.(...told)),
  };
}
