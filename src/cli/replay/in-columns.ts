// The lines of a comparison's recording, in the columns of `compare`.

import type { ModeEvent } from '../../compare/in-order.js';
import type { ServerName } from '../../models/options.js';
import type { RecordedLine } from '../../sources/recording.js';
import { colours } from '../../terminal/colours.js';
import { escapeControls } from '../../terminal/escape.js';
import { columnsFor } from '../compare/watched.js';
import type { Recording } from './recording.js';

/** Lines that are made as the recording goes on. */
export interface ReplayLines {
  take(recorded: readonly RecordedLine[]): string[];
  /** The last ones. */
  end(): string[];
}

export function linesInColumns(recording: Recording, which: 'folded' | 'all'): ReplayLines {
  const names = serverNames(recording);
  const view = columnsFor(names, which);
  let begun = false;
  let lastAt = 0;
  const heading = (): string[] => {
    if (begun) return [];
    begun = true;
    if (recording.comparison === undefined) view.stepEnds(0); // no step comes that begins one
    const about = names.map((_, i) => {
      const listening = recording.listening[i];
      return listening === undefined ? 'does not listen' : `port ${listening.port}, pid ${listening.pid}`;
    });
    return [colours().bold(recording.title), '', ...view.columns.heading(about)];
  };
  const waiting: ModeEvent[] = [];
  const shown = (): string[] => view.take(waiting.splice(0));
  const linesOf = (line: RecordedLine): string[] => {
    if (line.kind === 'comparison' || line.event.at < 0) return []; // before all servers listened
    lastAt = line.event.at;
    if (line.kind === 'step') {
      const { at, text } = line.event;
      return [...shown(), ...view.stepEnds(at), ...view.columns.step({ at, text: escapeControls(text) })];
    }
    const mode = names[line.server]!;
    if (line.kind === 'event') waiting.push({ mode, event: line.event });
    else view.takeMoments(mode, [line.event]);
    return [];
  };
  const ended = (lines: readonly string[]): string[] => lines.map((line) => `${line}\n`);
  return {
    take: (recorded) => ended([...heading(), ...recorded.flatMap(linesOf), ...shown()]),
    end: () => ended(view.stepEnds(lastAt)),
  };
}

/** Safe to print; a server that is not ours has no colour of its own. */
export const serverNames = ({ names }: Recording): ServerName[] => names.map((name) => escapeControls(name));
