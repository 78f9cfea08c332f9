// Runs a server until it is stopped: the events to the screen and to a recording, the signals to the server.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ServeOptions } from '../../models/options.js';
import type { StartServer } from '../../models/server-handle.js';
import { isLoopback } from '../../net/address.js';
import { shortageSentence } from '../../posix/shortage.js';
import { RunningServer } from '../../sources/running-server.js';
import { colours } from '../../terminal/colours.js';
import type { DrawUrl } from '../../terminal/frame.js';
import { PrettyLines } from '../../terminal/pretty.js';
import type { Sink } from '../../terminal/sink.js';
import { hasUnicode, terminalSize } from '../../terminal/terminal.js';
import { CliError, FAILED } from '../errors.js';
import { printError } from '../print-error.js';
import { stopOnSignals } from '../signals.js';
import { finish, ndjsonOutput, type OnClosed, onReaderGone, prettyOutput } from '../standard-output.js';
import { failureSentence } from './failure.js';
import type { ServeFlags } from './flags.js';
import { openRecording } from './recording.js';

/** What follows a QR code before any client comes, the cursor's line too: until then all of the code is to be seen. */
const LINES_AFTER_CODE = 7;

/** Gives the exit status. */
export async function serve(options: ServeOptions, flags: ServeFlags): Promise<number> {
  let stopping = false;
  const onClosed = onReaderGone('the server goes on without it, Ctrl-C stops it', () => stopping);
  const screen =
    flags.format === 'ndjson'
      ? ndjsonOutput<LifecycleEvent>(onClosed)
      : await prettyScreen(options, onClosed);
  const recording = flags.record === undefined ? undefined : openRecording(flags.record);
  const { startServer, exitNow } = await loadEngine(options);

  let listening = false;
  const server = new RunningServer(options, startServer, (events) => {
    listening = true;
    screen.take(events);
    recording?.take(events);
  });
  const stop = (): void => {
    stopping = true;
    server.stop();
  };
  const release = stopOnSignals(stop, exitNow);
  if (flags.untilEof) stopOnEof(stop);
  const failure = await server.ended;
  const [recorded = true] = await Promise.all([recording?.close(listening), finish(screen.output)]);
  release();

  if (failure !== undefined) printError(failureSentence(failure, options, listening));
  // The usual end would first take down each thread's V8, seconds for hundreds, and wait for a write nobody takes.
  const status = failure === undefined && recorded && !screen.output.lost ? 0 : FAILED;
  exitNow(status);
  return status;
}

async function loadEngine(options: ServeOptions): Promise<{
  startServer: StartServer;
  exitNow: (status: number) => void;
}> {
  if (options.engine === 'portable') {
    const { startPortableServer } = await import('../../models/portable/server.js');
    return {
      startServer: startPortableServer,
      exitNow: (status) => process.exit(status),
    };
  }
  const { startSystemCallServer } = await import('../../sources/system-call-server.js').catch((error) => {
    throw new CliError(
      shortageSentence(error) ??
        `Cannot load koffi, which makes the system calls: ${error.message}. Use --engine portable.`,
    );
  });
  const { exitNow } = await import('../../posix/system-calls.js');
  return { startServer: startSystemCallServer, exitNow };
}

async function prettyScreen(options: ServeOptions, onClosed: OnClosed): Promise<Sink> {
  const chalk = colours();
  const drawUrl = await urlDrawer(options, chalk);
  return prettyOutput(chalk, new PrettyLines(chalk, undefined, options, drawUrl), onClosed);
}

/** Under the header of a server that is open to others stands a QR code, on a terminal that has room for it. */
async function urlDrawer({ address }: ServeOptions, chalk: ChalkInstance): Promise<DrawUrl | undefined> {
  const size = terminalSize(process.stdout);
  if (size === undefined || isLoopback(address) || !hasUnicode(process.env)) return undefined;
  const { drawQrCode } = await import('../../terminal/qr-code.js');
  return (url) => drawQrCode(url, chalk, size.columns, size.rows - LINES_AFTER_CODE);
}

/** A pipe ends when the process at its other end does, however that ended. */
function stopOnEof(stop: () => void): void {
  process.stdin.on('end', stop).on('error', stop).resume();
}
