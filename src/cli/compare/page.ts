// `compare --page`: all servers in a browser, live. The page stays when the servers have stopped.

import type { Pace } from '../../board/playback.js';
import { InOrder } from '../../compare/in-order.js';
import { type Observer, UNOBSERVED } from '../../compare/observer.js';
import { Feed } from '../../live/feed.js';
import type { Send } from '../../live/page-server.js';
import type { ServerName } from '../../models/options.js';
import { openLivePage } from '../live-page.js';

const TAKE_EVERY_MS = 50;

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
  pace: Pace | undefined,
  buttons?: Buttons,
): Promise<ComparePage> {
  const order = new InOrder();
  const feed = new Feed(
    modes.map((mode) => ({ name: mode, mode })),
    () => order.knownTo,
    buttons?.targets,
    () => pace,
  );
  const server = await openLivePage({
    title: `evented-demo, compare ${name}`,
    feed,
    port,
    ...(buttons && { send: buttons.send }),
  });
  const take = (until: number): void => {
    for (const { events, step } of order.takeUntil(until)) {
      for (const { mode, event } of events) feed.take(modes.indexOf(mode), [event]);
      if (step !== undefined) feed.mark(step);
    }
  };
  const timer = setInterval(() => take(order.knownTo), TAKE_EVERY_MS);
  const end = (): void => {
    clearInterval(timer);
    take(Number.POSITIVE_INFINITY);
    feed.end();
  };
  return {
    observer: {
      ...UNOBSERVED,
      onBegin: (zeroUs) => {
        order.zeroUs = zeroUs;
      },
      onStep: (step) => order.addStep(step),
      onEvents: (mode, events) => order.addEvents(mode, events),
    },
    end,
    close: async () => {
      end();
      await server.close();
    },
  };
}
