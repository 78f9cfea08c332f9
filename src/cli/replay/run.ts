// Plays a recording: on a board that the user steers, or as the lines that the server printed when it ran.

import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import { isSteered } from '../steered.js';
import type { ReplayFlags } from './flags.js';
import { Recording } from './recording.js';

/** Gives the exit status. */
export async function replay(file: string, flags: ReplayFlags): Promise<number> {
  const onBoard = flags.format === 'pretty' && flags.lines === undefined && isSteered();
  if (flags.step && !onBoard)
    throw new CliError('--step needs a terminal and its keys. Leave it out, or use --speed.', WRONG_USAGE);
  const recording = new Recording(file, flags.at === undefined ? undefined : flags.at * 1e6);
  const written = await play(recording, flags, onBoard);
  if (recording.problem !== undefined) printError(recording.problem);
  return recording.problem === undefined && written ? 0 : FAILED;
}

/** Whether everything was written. */
async function play(recording: Recording, flags: ReplayFlags, onBoard: boolean): Promise<boolean> {
  const { trace, html } = flags;
  if (trace !== undefined || html !== undefined) {
    const { writePage, writeTrace } = await import('./as-file.js');
    await (trace === undefined ? writePage(recording, html!) : writeTrace(recording, trace));
    return true;
  }
  if (onBoard) return (await import('./on-board.js')).playOnBoard(recording, flags);
  return (await import('./as-lines.js')).playAsLines(recording, flags);
}
