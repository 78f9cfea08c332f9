// `compare --page`: all servers in a browser, live. The page stays when the servers have stopped.

import type { PaceControl } from '../../board/playback.js';
import { knownTo } from '../../compare/in-order.js';
import type { Observer } from '../../compare/observer.js';
import { Feed } from '../../live/feed.js';
import type { Send } from '../../live/page-server.js';
import type { ServerName } from '../../models/options.js';
import { openLivePage } from '../live-page.js';

export interface ComparePage {
  readonly observer: Observer;
  /** The servers have stopped, and all their events have come. */
  end(): void;
  close(): Promise<void>;
}

/** What the buttons of a page send: targets, and what requests one of every server. */
export interface Buttons {
  readonly targets: readonly string[];
  readonly send: Send;
}

/** Throws where the port cannot be had. */
export async function openComparePage(
  port: number,
  name: string,
  modes: readonly ServerName[],
  pace: PaceControl | undefined,
  buttons?: Buttons,
): Promise<ComparePage> {
  let zeroUs = Number.POSITIVE_INFINITY;
  const feed = new Feed(
    modes.map((mode) => ({ name: mode, mode })),
    () => knownTo(zeroUs),
    buttons?.targets,
    () => pace,
  );
  const server = await openLivePage({
    title: `evented-demo, compare ${name}`,
    feed,
    port,
    ...(buttons && { send: buttons.send }),
  });
  return {
    observer: {
      onBegin: (begun) => {
        zeroUs = begun;
      },
      onStep: (step) => feed.step(step),
      onEvent: (mode, event) => feed.take(modes.indexOf(mode), [event]),
    },
    end: () => feed.end(),
    close: () => server.close(),
  };
}
