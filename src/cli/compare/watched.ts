// What shows servers beside each other while they run: lines or the board on the terminal, and a page in browsers.

import { aborted } from '../../compare/aborted.js';
import { Columns } from '../../compare/columns.js';
import { EveryLine, LEAST_LINE_COLUMN } from '../../compare/every-line.js';
import { FoldedView, LEAST_FOLDED_COLUMN } from '../../compare/folded-view.js';
import { type ColumnsView, LiveScreen } from '../../compare/live-screen.js';
import { type Observer, together } from '../../compare/observer.js';
import { SteeredServers } from '../../compare/steered-servers.js';
import type { ServerName } from '../../models/options.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { colours } from '../../terminal/colours.js';
import { canMoveCursor, glyphsFor, terminalSize } from '../../terminal/terminal.js';
import { type CommandRun, PIPE_COLUMNS } from './command-run.js';
import type { CompareFlags } from './flags.js';
import type { ComparePage } from './page.js';

export interface WatchedRun {
  readonly name: string;
  readonly modes: readonly ServerName[];
  readonly flags: CompareFlags;
  readonly page: ComparePage | undefined;
  readonly recorder: Observer | undefined;
  /** Where keys of the board change the pace of all servers. */
  readonly steered: SteeredServers | undefined;
}

/** Shows what `run` reports. A board stays when `run` is over. To leave it earlier ends the measurement. */
export async function watched<T>(
  { name, modes, flags, page, recorder, steered }: WatchedRun,
  { output, until, stop }: CommandRun,
  run: (observer: Observer) => Promise<T>,
): Promise<T> {
  const view = viewFor(modes, flags);
  const board = flags.board && new (await import('./board.js')).CompareBoard(name, view, stop, steered);
  const screen = board || new LiveScreen(output, view, rowsToDrawOver());
  if (board) void aborted(until).then(() => board.close());
  try {
    const others = [page?.observer, recorder].filter((each) => each !== undefined);
    const result = await run(together([screen, ...others]));
    page?.end();
    if (board) await board.left(until);
    return result;
  } finally {
    screen.close();
  }
}

/** libuv makes the calls of the portable engine: there is no place for a pause. */
export function steeredBy({ board, page, pace }: CompareFlags): SteeredServers | undefined {
  if ((!board && page === undefined) || systemCallsUnavailable() !== undefined) return undefined;
  return new SteeredServers(pace === undefined ? 0 : 'ms' in pace ? pace.ms : -1);
}

const rowsToDrawOver = (): number =>
  canMoveCursor(process.stdout, process.env) ? terminalSize(process.stdout)!.rows : 0;

/** Slowed down, a server is followed line by line. */
const viewFor = (modes: readonly ServerName[], { lines, pace }: CompareFlags): ColumnsView =>
  columnsFor(modes, lines ?? (pace === undefined ? 'folded' : 'all'));

/** A column for each server: one line for similar events, or one for each. */
export function columnsFor(modes: readonly ServerName[], lines: 'folded' | 'all'): ColumnsView {
  const columns = terminalSize(process.stdout)?.columns;
  const chalk = colours();
  const glyphs = glyphsFor(process.env);
  if (lines === 'all') return new EveryLine(new Columns(chalk, modes, columns, glyphs, LEAST_LINE_COLUMN));
  return new FoldedView(new Columns(chalk, modes, columns ?? PIPE_COLUMNS, glyphs, LEAST_FOLDED_COLUMN));
}
