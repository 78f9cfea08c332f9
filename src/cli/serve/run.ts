// Runs a server until it is stopped: its events go to the screen and to a recording, signals stop it.

import type { Order } from '../../compare/server-process.js';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerMemory } from '../../lifecycle/server-memory.js';
import type { ServeOptions } from '../../models/options.js';
import type { StartServer } from '../../models/server-handle.js';
import { shortageSentence } from '../../posix/shortage.js';
import { RunningServer } from '../../sources/running-server.js';
import { colours } from '../../terminal/colours.js';
import { header } from '../../terminal/frame.js';
import { CliError, FAILED } from '../errors.js';
import { printError } from '../print-error.js';
import { stopOnEof, stopOnSignals } from '../signals.js';
import { onReaderGone } from '../standard-output.js';
import type { ServeFlags } from './flags.js';
import { givingUp, openRecording } from './recording.js';
import { openScreen } from './screen.js';

/** Gives the exit status. */
export async function serve(options: ServeOptions, flags: ServeFlags): Promise<number> {
  let stopping = false;
  const onClosed = onReaderGone('the server continues without it; Ctrl-C stops it', () => stopping);
  const screen = flags.board
    ? new (await import('./board-screen.js')).BoardScreen({
        name: options.mode,
        header: (listening) => header(colours(), listening, options),
        steering: () => options.steered && { steering: server.steering, byStep: options.steered === 'step' },
        onLeave: () => stop(),
      })
    : await openScreen(options, flags, onClosed);
  const { startServer, exitNow, allocate } = await loadEngine(options);
  const recording = flags.record === undefined ? undefined : openRecording(flags.record);
  const page =
    flags.page === undefined
      ? undefined
      : await (await import('./page.js'))
          .openPage(
            flags.page,
            options.mode,
            options.mode,
            () => server.totals,
            () => (options.steered ? server.steering : undefined),
          )
          .catch(givingUp(recording));
  let listening = false;
  const onEvents = (events: readonly LifecycleEvent[]): void => {
    listening = true;
    screen.take(events);
    recording?.take(events);
    page?.take(events);
  };
  const server = new RunningServer(options, startServer, onEvents, allocate);
  const stop = (): void => {
    stopping = true;
    screen.stopping();
    server.stop();
  };
  if (flags.steered) process.on('message', ({ pauseMs }: Order) => server.steering.pauseFor(pauseMs));
  const release = stopOnSignals(stop, (status) => {
    screen.leaveAtOnce();
    exitNow(status);
  });
  if (flags.untilEof) stopOnEof(stop);
  const failure = await server.ended;
  const [recorded = true, shown] = await Promise.all([recording?.close(listening), screen.finish()]);
  await page?.close();
  release();

  if (failure !== undefined) {
    const { failureSentence } = await import('./failure.js');
    printError(failureSentence(failure, options, listening));
  }
  // The usual end takes seconds for hundreds of threads, each a whole V8, and waits for a write that nobody reads.
  const status = failure === undefined && recorded && shown ? 0 : FAILED;
  exitNow(status);
  return status;
}

async function loadEngine(options: ServeOptions): Promise<{
  startServer: StartServer;
  exitNow: (status: number) => void;
  /** Where it has to be memory of a kind of its own. */
  allocate?: typeof ServerMemory.allocate;
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
  if (options.mode === 'completion') await refuseWithoutIoUring();
  const { exitNow } = await import('../../posix/system-calls.js');
  const engine = { startServer: startSystemCallServer, exitNow };
  if (options.mode !== 'processes') return engine;
  const { allocateMapped } = await import('../../lifecycle/mapped-memory.js');
  return { ...engine, allocate: allocateMapped };
}

async function refuseWithoutIoUring(): Promise<void> {
  const { ioUringUnavailable } = await import('../../posix/io-uring-probe.js');
  const reason = ioUringUnavailable();
  if (reason !== undefined)
    throw new CliError(`Cannot run --mode completion: ${reason}. Use --mode evented.`);
}
