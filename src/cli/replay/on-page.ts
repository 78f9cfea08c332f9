// `replay --page`: the recording in a browser on this machine, until its user has seen enough.

import { Feed } from '../../live/feed.js';
import { leave } from '../leave.js';
import { openLivePage, pageStays } from '../live-page.js';
import { stopOnSignals } from '../signals.js';
import { onPage } from './as-file.js';
import type { Recording } from './recording.js';

export async function playOnPage(recording: Recording, port: number): Promise<boolean> {
  const page = await onPage(recording);
  if (page === undefined) return true;
  const ending = new AbortController();
  const release = stopOnSignals(() => ending.abort(), leave);
  const nothingLive = new Feed([], () => 0);
  const server = await openLivePage({ ...page, feed: nothingLive, port });
  await pageStays(ending.signal);
  await server.close();
  release();
  return true;
}
