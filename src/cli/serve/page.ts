// `serve --page` and `watch --page`: the server in a browser, live.

import type { PaceControl } from '../../board/playback.js';
import { nowUs } from '../../lifecycle/clock.js';
import type { LifecycleEvent, Totals } from '../../lifecycle/events.js';
import { Feed } from '../../live/feed.js';
import { openLivePage } from '../live-page.js';

export interface LivePage {
  take(events: readonly LifecycleEvent[]): void;
  close(): Promise<void>;
}

/** Throws where the port cannot be had. `pace`: where the page can change it. */
export async function openPage(
  port: number,
  name: string,
  mode: string,
  totals: () => Totals,
  pace?: () => PaceControl | undefined,
): Promise<LivePage> {
  let zeroUs = nowUs();
  const feed = new Feed([{ name, mode, totals }], () => nowUs() - zeroUs, [], pace);
  const server = await openLivePage({ title: `evented-demo, ${name} server`, feed, port });
  return {
    take: (events) => {
      for (const event of events) if (event.event === 'listening') zeroUs = event.monotonicUs;
      feed.take(0, events);
    },
    close: () => server.close(),
  };
}
