// What is played, in one line.

import { basename } from 'node:path';
import { escapeControls } from '../../terminal/escape.js';
import type { Recording } from './recording.js';

/** Such as `a.ndjson: evented server, recorded 2026-11-26 04:03` and `b.ndjson: silent, recorded 2026-11-26 04:05`. */
export function titleOf({ file, comparison, listening: [first] }: Recording): string {
  const what = comparison?.scenario ?? (first && `${first.mode} server`);
  const startedAt = comparison?.startedAt ?? first?.startedAt;
  if (what === undefined || startedAt === undefined)
    return escapeControls(`${basename(file)}: its beginning is missing`);
  return escapeControls(`${basename(file)}: ${what}, recorded ${startedAt.slice(0, 16).replace('T', ' ')}`);
}

/** For a picture or a page, which others see without the file: the question of a comparison. */
export function longTitleOf(recording: Recording): string {
  const { scenario, question = '' } = recording.comparison ?? {};
  return question === '' ? titleOf(recording) : escapeControls(`${scenario}: ${question}`);
}
