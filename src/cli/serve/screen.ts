// What `serve` shows on standard output: lines for a person or NDJSON, and on a terminal the URL that others open, which
// stays at the bottom.

import { writeSync } from 'node:fs';
import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ServeOptions } from '../../models/options.js';
import { isLoopback } from '../../net/address.js';
import { colours } from '../../terminal/colours.js';
import type { DrawUrl } from '../../terminal/frame.js';
import { asManyAsFit, urlsForOthers } from '../../terminal/invitation.js';
import { PrettyLines } from '../../terminal/pretty.js';
import type { Sink } from '../../terminal/sink.js';
import { StatusLine } from '../../terminal/status-line.js';
import { canMoveCursor, hasUnicode, terminalSize } from '../../terminal/terminal.js';
import { finish, ndjsonOutput, type OnClosed, overwriteEcho, prettyOutput } from '../standard-output.js';
import type { ServeFlags } from './flags.js';
import { loweredLimits } from './limits.js';

/** The rows below a QR code until the first client comes, the cursor's and the status line's too. */
const ROWS_BELOW_CODE = 7;

/** Where the events of a server are shown. */
export interface Screen {
  take(events: readonly LifecycleEvent[]): void;
  /** The server is about to stop: a Ctrl-C may have been typed. */
  stopping(): void;
  /** The terminal is as it was, without waiting for it. */
  leaveAtOnce(): void;
  /** The last lines. Resolves with whether everything was shown. */
  finish(): Promise<boolean>;
}

export class ServeScreen implements Screen {
  readonly sink: Sink;
  readonly #style: (text: string) => string;
  readonly #isPretty: boolean;
  #awaitsListening: boolean;
  #status: StatusLine | undefined;

  /** `style`: of the line at the bottom; undefined for NDJSON, which has none. */
  constructor(sink: Sink, style?: (text: string) => string) {
    this.sink = sink;
    this.#style = style ?? String;
    this.#isPretty = style !== undefined;
    this.#awaitsListening = style !== undefined && canMoveCursor(process.stdout, process.env);
  }

  take(events: readonly LifecycleEvent[]): void {
    this.sink.take(events);
    if (!this.#awaitsListening) return;
    const listening = events.find((event) => event.event === 'listening');
    if (listening === undefined) return;
    this.#awaitsListening = false;
    this.#showUrls(urlsForOthers(listening.address, listening.port));
  }

  #showUrls(urls: readonly string[]): void {
    if (urls.length === 0) return;
    this.#status = new StatusLine((columns) => asManyAsFit(' Open ', urls, columns), this.#style);
    this.#draw();
    process.stdout.on('resize', this.#draw);
    process.on('SIGTSTP', this.#pause).on('SIGCONT', this.#draw);
  }

  readonly #draw = (): void => {
    const size = terminalSize(process.stdout);
    if (this.#status !== undefined && size !== undefined) this.sink.output.write(this.#status.draw(size), 0);
  };

  /** Ctrl-Z: the shell gets the whole terminal. */
  readonly #pause = (): void => {
    this.leaveAtOnce();
    process.kill(process.pid, 'SIGSTOP');
  };

  stopping(): void {
    if (this.#isPretty) overwriteEcho(this.sink.output);
  }

  async finish(): Promise<boolean> {
    this.#leave();
    await finish(this.sink.output);
    return !this.sink.output.lost;
  }

  /** Behind the last line. */
  #leave(): void {
    if (this.#status === undefined) return;
    process.stdout.off('resize', this.#draw);
    process.off('SIGTSTP', this.#pause).off('SIGCONT', this.#draw);
    this.sink.output.write(this.#status.erase(), 0);
  }

  /** A terminal that takes nothing is left as it is: the write would not return. */
  leaveAtOnce(): void {
    if (this.#status === undefined || this.sink.output.stuck) return;
    try {
      writeSync(1, this.#status.erase());
    } catch {
      // The terminal has gone.
    }
  }
}

export async function openScreen(
  options: ServeOptions,
  flags: ServeFlags,
  onClosed: OnClosed,
): Promise<Screen> {
  if (flags.format === 'ndjson') return new ServeScreen(ndjsonOutput<LifecycleEvent>(onClosed));
  const chalk = colours();
  const drawUrl = await urlDrawer(options, chalk);
  const lowered = loweredLimits(flags, options.address);
  const lines = new PrettyLines(chalk, undefined, options, { lowered, ...(drawUrl && { drawUrl }) });
  return new ServeScreen(prettyOutput(chalk, lines, onClosed), chalk.inverse);
}

/** For a server that other machines can reach, on a terminal that has room for a QR code. */
async function urlDrawer({ address }: ServeOptions, chalk: ChalkInstance): Promise<DrawUrl | undefined> {
  const size = terminalSize(process.stdout);
  if (size === undefined || isLoopback(address) || !hasUnicode(process.env)) return undefined;
  const { drawQrCode } = await import('../../terminal/qr-code.js');
  return (url) => drawQrCode(url, chalk, size.columns, size.rows - ROWS_BELOW_CODE);
}
