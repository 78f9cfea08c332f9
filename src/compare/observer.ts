// Who looks on while servers run beside each other: the lines, the board, the page.

import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import type { ClientConnection, Sample, ScenarioStep } from './comparison.js';

/** Who looks on while it runs. Times are on the common axis. */
export interface Observer {
  onListening(mode: ServerName, port: number, pid: number): void;
  /** The clients begin; `zeroUs` is the common clock at 0 of the axis. What happened before has been told, with times below 0. */
  onBegin(zeroUs: number): void;
  onStep(step: ScenarioStep): void;
  onEvents(mode: ServerName, events: readonly LifecycleEvent[]): void;
  /** What is new of the clients' side of this server's connections. */
  onClients(mode: ServerName, clients: readonly ClientConnection[]): void;
  /** All that happened to this server's clients. It costs the clients time, so it is absent where nobody wants it. */
  onMoments?(mode: ServerName, moments: readonly ClientMoment[]): void;
  onSample(mode: ServerName, sample: Sample): void;
  onFailure(mode: ServerName, sentence: string): void;
  onLoad(mode: ServerName, seconds: number): void;
}

const nothing = (): void => {};
/** For whoever wants the result alone. */
export const UNOBSERVED: Observer = {
  onListening: nothing,
  onBegin: nothing,
  onStep: nothing,
  onEvents: nothing,
  onClients: nothing,
  onSample: nothing,
  onFailure: nothing,
  onLoad: nothing,
};

/** Several who look on. */
export function together(observers: readonly Observer[]): Observer {
  const tell = (about: (observer: Observer) => void): void => {
    for (const observer of observers) about(observer);
  };
  return {
    onListening: (...told) => tell((observer) => observer.onListening(...told)),
    onBegin: (...told) => tell((observer) => observer.onBegin(...told)),
    onStep: (...told) => tell((observer) => observer.onStep(...told)),
    onEvents: (...told) => tell((observer) => observer.onEvents(...told)),
    onClients: (...told) => tell((observer) => observer.onClients(...told)),
    ...(observers.some(({ onMoments }) => onMoments !== undefined) && {
      onMoments: (...told) => tell((observer) => observer.onMoments?.(...told)),
    }),
    onSample: (...told) => tell((observer) => observer.onSample(...told)),
    onFailure: (...told) => tell((observer) => observer.onFailure(...told)),
    onLoad: (...told) => tell((observer) => observer.onLoad(...told)),
  };
}
