// The live page of `serve` and `compare`: where it listens, and what is said of it.

import type { Feed } from '../live/feed.js';
import type { PageServer, Send } from '../live/page-server.js';
import { inWords } from '../posix/shortage.js';
import { CliError } from './errors.js';
import { printError } from './print-error.js';

export interface LivePageOptions {
  readonly title: string;
  readonly feed: Feed;
  /** 0 takes a free one. */
  readonly port: number;
  /** For the feed's targets. */
  readonly send?: Send;
}

/** Throws where the port cannot be had. */
export async function openLivePage({ title, feed, port, send }: LivePageOptions): Promise<PageServer> {
  const { playerPage } = await import('../compare/report/report.js');
  const { PageServer } = await import('../live/page-server.js');
  const html = playerPage(title, undefined, feed.models);
  const server = await PageServer.listen(html, feed, port, send).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      `The live page cannot use port ${port} (${reason(error)}). Use --page 0 for a free port.`,
    );
  });
  printError(`The live page is at http://127.0.0.1:${server.port}/`);
  return server;
}

function reason({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program listens there';
  return code === 'EACCES' ? 'you have no permission' : inWords(code);
}
