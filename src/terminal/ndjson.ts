// Events as NDJSON, one JSON object a line, for scripts and recordings.

import type { LifecycleEvent } from '../lifecycle/events.js';
import { escapeControls } from './escape.js';
import { Output } from './output.js';
import { type AnyEvent, Sink } from './sink.js';

export function ndjsonLine(event: AnyEvent): string {
  return `${escapeControls(JSON.stringify(event))}\n`;
}

/** Writes events to a file descriptor. A `skipped` event stands for those that a slow reader missed. */
export function ndjsonSink<E extends AnyEvent = LifecycleEvent>(
  fd: number,
  mostWaiting: number,
  whenClosed: (code: string) => void,
  encode?: (text: string) => Buffer,
): Sink<E> {
  const gap = (count: number): string => {
    const skipped = { at: sink.skippedTo, event: 'skipped', thread: 'main', tid: process.pid, count };
    return ndjsonLine(skipped);
  };
  const output = new Output(fd, mostWaiting, gap, whenClosed, encode);
  const sink = new Sink<E>(output, (events) => events.map(ndjsonLine));
  return sink;
}
