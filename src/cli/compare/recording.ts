// `compare --record FILE`: what all servers and their clients did, in one file and in one order of time, for `replay`.

import type { Observer } from '../../compare/observer.js';
import { nowUs } from '../../lifecycle/clock.js';
import type { ServerName } from '../../models/options.js';
import type { RecordedComparison } from '../../sources/recording-entry.js';
import type { AnyEvent } from '../../terminal/sink.js';
import { openRecording } from '../serve/recording.js';

/** So long after a moment, in microseconds, everything is known that happened before it, on a busy machine too. */
const WAIT_US = 1_000_000;
const WRITE_EVERY_MS = 250;

export interface Recorder extends Observer {
  /** Resolves with whether everything was written. */
  close(): Promise<boolean>;
}

/** Throws where the file cannot be made. */
export function recordComparison(
  file: string,
  scenario: string,
  question: string,
  modes: readonly ServerName[],
): Recorder {
  const recording = openRecording(file, 'comparison');
  let zeroUs: number | undefined;
  let anyListens = false;
  let waiting: AnyEvent[] = [];
  const write = (until: number): void => {
    const known = waiting.filter(({ at }) => at <= until);
    waiting = waiting.filter(({ at }) => at > until);
    recording.take(known.sort((a, b) => a.at - b.at));
  };
  const timer = setInterval(() => {
    if (zeroUs !== undefined) write(nowUs() - zeroUs - WAIT_US);
  }, WRITE_EVERY_MS).unref();
  const take = (mode: ServerName, event: AnyEvent): void => {
    waiting.push({ server: mode, ...event } as AnyEvent);
  };
  return {
    onListening: () => {
      anyListens = true;
    },
    onBegin: (begun) => {
      zeroUs = begun;
      const startedAt = new Date(Date.now() - (nowUs() - begun) / 1000).toISOString();
      const first: RecordedComparison = {
        at: 0,
        event: 'comparison',
        scenario,
        question,
        servers: modes,
        startedAt,
      };
      recording.take([first]);
    },
    onStep: ({ at, text }) => waiting.push({ at, event: 'step', text } as AnyEvent),
    everyMoment: true,
    onEvent: take,
    onMoments: (mode, moments) => {
      for (const moment of moments) take(mode, moment);
    },
    close: () => {
      clearInterval(timer);
      write(Number.POSITIVE_INFINITY);
      return recording.close(anyListens);
    },
  };
}
