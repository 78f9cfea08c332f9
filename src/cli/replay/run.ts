// Plays a recording: on a board that the user steers, on a page, or as the lines that were printed when it was made.

import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import { isSteered } from '../steered.js';
import type { ReplayFlags } from './flags.js';
import { Recording } from './recording.js';

/** Gives the exit status. */
export async function replay(file: string, flags: ReplayFlags): Promise<number> {
  const { at, to } = flags;
  if (at !== undefined && to !== undefined && to <= at)
    throw new CliError('--to must be later than --at. Choose another moment.', WRONG_USAGE);
  const recording = new Recording(file, microseconds(at), microseconds(to));
  try {
    const written = await play(recording, flags);
    return recording.problem === undefined && written ? 0 : FAILED;
  } finally {
    if (recording.problem !== undefined) printError(recording.problem);
  }
}

const microseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * 1e6);

/** Whether everything was written. */
async function play(recording: Recording, flags: ReplayFlags): Promise<boolean> {
  const { FILES } = await import('./as-file.js');
  for (const [flag, make] of Object.entries(FILES)) {
    const file = flags[flag as keyof typeof FILES];
    if (file === undefined) continue;
    await make(recording, file, flags);
    return true;
  }
  if (flags.page !== undefined) return (await import('./on-page.js')).playOnPage(recording, flags.page);
  const onBoard = flags.format === 'pretty' && flags.lines === undefined && isSteered();
  if (flags.step && !onBoard)
    throw new CliError('--step needs a terminal and its keys. Leave it out, or use --speed.', WRONG_USAGE);
  if (onBoard) return (await import('./on-board.js')).playOnBoard(recording, flags);
  return (await import('./as-lines.js')).playAsLines(recording, flags);
}
