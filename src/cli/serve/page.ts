// `serve --page` and `watch --page`: the server in a browser, live.

import { nowUs } from '../../lifecycle/clock.js';
import type { LifecycleEvent, Totals } from '../../lifecycle/events.js';
import { Feed } from '../../live/feed.js';
import { inWords } from '../../posix/shortage.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';

export interface LivePage {
  take(events: readonly LifecycleEvent[]): void;
  close(): Promise<void>;
}

/** Throws where the port cannot be had. */
export async function openPage(
  port: number,
  name: string,
  mode: string,
  totals: () => Totals,
): Promise<LivePage> {
  const { playerPage } = await import('../../compare/report/report.js');
  const { PageServer } = await import('../../live/page-server.js');
  let zeroUs = nowUs();
  const feed = new Feed([{ name, mode, totals }], () => nowUs() - zeroUs);
  const html = playerPage(`evented-demo, ${name} server`, undefined);
  const server = await PageServer.listen(html, feed, port).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      `The live page cannot use port ${port} (${reason(error)}). Use --page 0 for a free port.`,
    );
  });
  printError(`The live page is at http://127.0.0.1:${server.port}/`);
  return {
    take: (events) => {
      for (const event of events) if (event.event === 'listening') zeroUs = event.monotonicUs;
      feed.take(0, events);
    },
    close: () => server.close(),
  };
}

function reason({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program listens there';
  return code === 'EACCES' ? 'you have no permission' : inWords(code);
}
