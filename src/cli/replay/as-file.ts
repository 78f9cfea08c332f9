// A recording turned into a file of another kind.

import { writeFileSync } from 'node:fs';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';
import type { Recording } from './recording.js';
import { titleOf } from './title.js';

export async function writeTrace(recording: Recording, file: string): Promise<void> {
  const { traceOf } = await import('../../compare/report/trace.js');
  const events = await all(recording);
  if (events.length === 0) return; // why is said elsewhere
  write(file, JSON.stringify(traceOf(events)));
  printError(`The trace is in ${file}. Open it in Perfetto (ui.perfetto.dev) or in chrome://tracing.`);
}

export async function writePage(recording: Recording, file: string): Promise<void> {
  const html = await pageOf(recording);
  if (html === undefined) return;
  write(file, html);
  printError(`The page is in ${file}. Open it in a browser; it needs no network.`);
}

/** The recording as a page that plays it; undefined where there is nothing to play. */
export async function pageOf(recording: Recording): Promise<string | undefined> {
  const { playerPage } = await import('../../compare/report/report.js');
  const events = await all(recording);
  const mode = recording.listening?.mode ?? 'server';
  return events.length === 0
    ? undefined
    : playerPage(titleOf(recording), { servers: [{ name: mode, mode, events }] });
}

async function all(recording: Recording): Promise<LifecycleEvent[]> {
  const events: LifecycleEvent[] = [];
  for await (const some of recording.read()) for (const { event } of some) events.push(event);
  return events;
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
