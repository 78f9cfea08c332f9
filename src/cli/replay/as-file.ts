// A recording turned into a file of another kind.

import { writeFileSync } from 'node:fs';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';
import type { Recording } from './run.js';

export async function writeTrace(recording: Recording, file: string): Promise<boolean> {
  const { traceOf } = await import('../../compare/report/trace.js');
  const events: LifecycleEvent[] = [];
  for await (const some of recording.read()) events.push(...some.map(({ event }) => event));
  if (events.length === 0) return true; // why is said elsewhere
  write(file, JSON.stringify(traceOf(events)));
  printError(`The trace is in ${file}. Open it in Perfetto (ui.perfetto.dev) or in chrome://tracing.`);
  return true;
}

/** What is there already is never overwritten. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST'
        ? 'It exists already. Move it away, or name another file'
        : `The system says ${inWords(code)}`;
    throw new CliError(`Cannot write to ${file}. ${why}.`);
  }
}
