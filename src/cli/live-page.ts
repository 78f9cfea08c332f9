// The page of `serve`, `compare` and `replay`: where it listens, and what is said of it.

import { aborted } from '../compare/aborted.js';
import type { Feed } from '../live/feed.js';
import type { PageServer, Send } from '../live/page-server.js';
import type { EmbeddedRecording } from '../live/recording-data.js';
import { inWords } from '../posix/shortage.js';
import { enterPressed } from './compare/enter.js';
import { CliError } from './errors.js';
import { printError } from './print-error.js';

export interface LivePageOptions {
  readonly title: string;
  readonly feed: Feed;
  /** 0 takes a free one. */
  readonly port: number;
  /** For the feed's targets. */
  readonly send?: Send;
  /** What is played on the page, in place of the feed. */
  readonly recording?: EmbeddedRecording;
}

/** Throws where the port cannot be had. */
export async function openLivePage({
  title,
  feed,
  port,
  send,
  recording,
}: LivePageOptions): Promise<PageServer> {
  const { playerPage } = await import('../compare/report/report.js');
  const { PageServer } = await import('../live/page-server.js');
  const html = playerPage(title, recording, recording === undefined ? feed.models : undefined);
  const server = await PageServer.listen(html, feed, port, send).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      `The live page cannot use port ${port} (${reason(error)}). Use --page 0 for a free port.`,
    );
  });
  printError(`The ${recording === undefined ? 'live ' : ''}page is at http://127.0.0.1:${server.port}/`);
  return server;
}

/** Somebody may still look at it. */
export async function pageStays(until: AbortSignal): Promise<void> {
  if (until.aborted) return;
  if (process.stdin.isTTY) {
    await enterPressed('The page stays until you press Enter or Ctrl-C. ', until);
    return;
  }
  printError('The page stays until Ctrl-C.');
  await aborted(until);
}

function reason({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program listens there';
  return code === 'EACCES' ? 'you have no permission' : inWords(code);
}
