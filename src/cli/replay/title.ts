// What is played, in one line.

import { basename } from 'node:path';
import { escapeControls } from '../../terminal/escape.js';
import type { Recording } from './recording.js';

/** Such as `a.ndjson: an evented server, recorded 2026-11-26 04:03`. */
export function titleOf({ file, listening }: Recording): string {
  if (listening === undefined) return escapeControls(`${basename(file)}: its beginning is missing`);
  const when = listening.startedAt.slice(0, 16).replace('T', ' ');
  return escapeControls(`${basename(file)}: ${listening.mode} server, recorded ${when}`);
}
