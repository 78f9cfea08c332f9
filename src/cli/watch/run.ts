// Runs a server that is not ours under strace until it ends or Ctrl-C: its events go to the screen, a page, a recording.

import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { LiveAdviser } from '../../advice/live-adviser.js';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { type Target, type WatchEnd, WatchedServer } from '../../sources/strace/watched-server.js';
import { colours } from '../../terminal/colours.js';
import { commandLine } from '../../terminal/command-line.js';
import { terminalSize } from '../../terminal/terminal.js';
import { CliError, FAILED } from '../errors.js';
import { leaveWithAll } from '../guard.js';
import { printError } from '../print-error.js';
import { openPage } from '../serve/page.js';
import { givingUp, openRecording } from '../serve/recording.js';
import { type Screen, ServeScreen } from '../serve/screen.js';
import { stopOnEof, stopOnSignals } from '../signals.js';
import { ndjsonOutput, onReaderGone, prettyOutput } from '../standard-output.js';
import type { WatchFlags } from './flags.js';
import { Findings, modelAndAdvice, targetName, watchHeader } from './frame.js';
import { WatchLines } from './lines.js';
import { ServerOutput } from './server-output.js';

/** Gives the exit status. */
export async function watch(target: Target, flags: WatchFlags): Promise<number> {
  refuseWithoutFolder();
  let stopping = false;
  const findings = new Findings();
  const stop = (): void => {
    stopping = true;
    screen.stopping();
    server.stop();
  };
  const screen = await openScreen(target, flags, findings, () => stopping, stop);
  const recording = flags.record === undefined ? undefined : openRecording(flags.record);
  const page =
    flags.page === undefined
      ? undefined
      : await openPage(flags.page, targetName(target), 'watched', () => server.totals).catch(
          givingUp(recording),
        );
  const output = new ServerOutput(flags.board === true);
  const adviser = new LiveAdviser((events) => {
    findings.take(events);
    screen.take(events);
    recording?.take(events);
    page?.take(events);
  });
  const server = new WatchedServer({ target, onOutput: output.take, onEvents: adviser.take });
  const release = stopOnSignals(stop, (status) => {
    screen.leaveAtOnce();
    void leaveWithAll(status);
  });
  const releaseInput = flags.untilEof ? stopOnEof(stop) : undefined;
  const ended = await server.ended.catch((error: NodeJS.ErrnoException) => error);
  adviser.close();
  const listened = !(ended instanceof Error) && ended.listened;
  const [recorded = true, shown] = await Promise.all([recording?.close(listened), screen.finish()]);
  if (listened && flags.board)
    process.stdout.write(modelAndAdvice(colours(), findings, terminalSize(process.stdout)?.columns));
  await page?.close();
  release();
  releaseInput?.();
  const problem = ended instanceof Error ? notStarted(ended) : problemOf(ended, target, stopping);
  output.end();
  if (problem !== undefined) printError(problem);
  return problem === undefined && recorded && shown ? 0 : FAILED;
}

/** strace writes into a pipe in a folder there. */
function refuseWithoutFolder(): void {
  const folder = tmpdir();
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw new CliError(
      `watch makes a folder for itself in ${folder}, and cannot. Set TMPDIR to a folder that exists and that you can write to.`,
    );
  }
}

async function openScreen(
  target: Target,
  flags: WatchFlags,
  findings: Findings,
  stopping: () => boolean,
  stop: () => void,
): Promise<Screen> {
  const chalk = colours();
  const onClosed = onReaderGone('the server continues without it; Ctrl-C stops it', stopping);
  if (flags.board) {
    const { BoardScreen } = await import('../serve/board-screen.js');
    return new BoardScreen({
      name: targetName(target),
      header: (listening) => watchHeader(chalk, target, listening, findings.model),
      onLeave: stop,
    });
  }
  if (flags.format === 'ndjson') return new ServeScreen(ndjsonOutput<LifecycleEvent>(onClosed));
  return new ServeScreen(
    prettyOutput(chalk, new WatchLines(chalk, target, findings), onClosed),
    chalk.inverse,
  );
}

const INSTALL = "Install it: `sudo apt-get install strace`, or your system's package of that name.";

function notStarted({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `strace is not installed, and watch needs it. ${INSTALL}`;
  return `Cannot start strace (${inWords(code)}). ${INSTALL}`;
}

/** What is wrong with this end, as a sentence; undefined where all is well. */
function problemOf(
  { listened, complaints, status }: WatchEnd,
  target: Target,
  stopping: boolean,
): string | undefined {
  const refused = complaints.map((each) => refusal(each, target)).find((each) => each !== undefined);
  if (refused !== undefined && !listened) return refused;
  if (stopping) return undefined;
  const how = status === null || status > 128 ? 'was ended by a signal' : `ended with status ${status}`;
  if (!listened && complaints.length > 0) return `strace could not watch it: ${complaints.at(-1)}.`;
  if (!listened) return `The server ${how} before it listened on a TCP port.`;
  return status === 0 ? undefined : `The server ${how}.`;
}

/** A message of strace's, in our words and with what to do. */
function refusal(complaint: string, target: Target): string | undefined {
  if ('pid' in target) {
    if (/No such process/.test(complaint))
      return `There is no process ${target.pid}. \`ps -e\` lists those that run.`;
    if (/not permitted/.test(complaint))
      return `strace may not attach to process ${target.pid}: it is another user's, another program traces it, or this system forbids it. Use sudo, or start the server with \`${commandLine('watch', '--')} COMMAND\`.`;
    return undefined;
  }
  const [program = ''] = target.command;
  if (/ptrace|PTRACE/.test(complaint))
    return 'This system does not allow strace to trace programs. In a container, start it with `--cap-add=SYS_PTRACE`.';
  if (/^exec: Permission denied/.test(complaint))
    return `${program} is no program that can run. \`chmod +x\` makes a script one.`;
  if (/^(exec: |Cannot find executable|Can't stat)/.test(complaint))
    return `Cannot run ${program}: there is no such program. Check its name and its path.`;
  return undefined;
}
