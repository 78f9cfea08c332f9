// Events as NDJSON: one JSON object a line, for scripts and for recordings.

import type { LifecycleEvent } from '../lifecycle/events.js';
import { escapeControls } from './escape.js';

export function ndjsonLine(event: LifecycleEvent): string {
  return `${escapeControls(JSON.stringify(event))}\n`;
}

/** Stands where events were not written, because whoever reads them was too slow. */
export function ndjsonGap(count: number): string {
  return `${JSON.stringify({ event: 'skipped', thread: 'main', tid: process.pid, count })}\n`;
}
