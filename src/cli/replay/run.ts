// Plays a recording: on a board that the user steers, on a page, or as the lines that were printed when it was made.

import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import { isSteered } from '../steered.js';
import type { ReplayFlags } from './flags.js';
import { Recording } from './recording.js';
import { SideBySide } from './side-by-side.js';
import { type Whom, whomIn } from './whom.js';

/** Gives the exit status. */
export async function replay(files: readonly string[], flags: ReplayFlags): Promise<number> {
  const { at, to, format } = flags;
  if (at !== undefined && to !== undefined && to <= at)
    throw new CliError('--to must be later than --at. Choose another moment.', WRONG_USAGE);
  if (files.length > 1) refuseTwo(files, format);
  const Kind = files.length > 1 ? SideBySide : Recording;
  const recording = new Kind(files, microseconds(at), microseconds(to));
  try {
    const whom = await whomIn(recording, flags.follow);
    const written = await play(recording, flags, whom);
    return recording.problem === undefined && written ? 0 : FAILED;
  } finally {
    if (recording.problem !== undefined) printError(recording.problem);
  }
}

const microseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * 1e6);

function refuseTwo(files: readonly string[], format: ReplayFlags['format']): void {
  if (new Set(files).size < files.length)
    throw new CliError(`${files[0]} stands there twice. Name two recordings.`, WRONG_USAGE);
  if (format === 'ndjson')
    throw new CliError(
      '--format ndjson gives the lines of one recording as they are. Name one file, or leave --format out.',
      WRONG_USAGE,
    );
}

/** Whether everything was written. */
async function play(recording: Recording, flags: ReplayFlags, whom: Whom): Promise<boolean> {
  const { FILES } = await import('./as-file.js');
  for (const [flag, make] of Object.entries(FILES)) {
    const file = flags[flag as keyof typeof FILES];
    if (file === undefined) continue;
    await make(recording, file, whom);
    return true;
  }
  if (flags.page !== undefined) return (await import('./on-page.js')).playOnPage(recording, flags.page);
  const onBoard = flags.format === 'pretty' && flags.lines === undefined && isSteered();
  if (flags.step && !onBoard)
    throw new CliError('--step needs a terminal and its keys. Leave it out, or use --speed.', WRONG_USAGE);
  if (onBoard) return (await import('./on-board.js')).playOnBoard(recording, flags, whom.followed);
  return (await import('./as-lines.js')).playAsLines(recording, flags, whom);
}
