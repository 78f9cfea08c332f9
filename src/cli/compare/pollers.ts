// Compares the pollers for the person at the keyboard: what is measured, then the tables and the curves.

import { comparePollers } from '../../compare/pollers/pollers.js';
import { pollersSummary } from '../../compare/pollers/summary.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError } from '../errors.js';
import { asJson, beginRun, paperNow } from './command-run.js';
import type { CompareFlags } from './flags.js';

/** The most that a poller is given, and what a process has without them. */
const DESCRIPTORS = 10_000 + 100;

/** Gives the exit status. */
export async function runPollers({ json }: CompareFlags): Promise<number> {
  const missing = systemCallsUnavailable();
  if (missing !== undefined) throw new CliError(`--pollers ${missing}.`);
  needDescriptors(DESCRIPTORS, '--pollers');
  const { output, until, end } = beginRun('measurement');
  if (!json)
    output.write(
      `${paperNow().chalk.bold('evented-demo, compare --pollers')}\n` +
        '  The loop waits with epoll, poll and select in turn, without a server and without\n' +
        '  clients: 10 descriptors, 100, 1,000 and 10,000, of which one is ready.\n',
      1,
    );
  const result = await comparePollers(until).catch((error: Error) => {
    throw new CliError(error.message);
  });
  output.write(json ? asJson(result) : pollersSummary(paperNow(), result), 1);
  return end(false);
}
