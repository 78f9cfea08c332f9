// Runs a sweep for the person at the keyboard: the caps before it, its points while it runs, the curves after it.

import { DEFAULT_MODES } from '../../compare/scenario.js';
import { readMachine } from '../../compare/sweep/caps.js';
import { SweepScreen } from '../../compare/sweep/screen.js';
import { sweepSummary } from '../../compare/sweep/summary.js';
import { type SweepOptions, sweep } from '../../compare/sweep/sweep.js';
import { procUnavailable, systemCallsUnavailable } from '../../posix/platform.js';
import { colours } from '../../terminal/colours.js';
import { terminalSize } from '../../terminal/terminal.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError } from '../errors.js';
import type { Range } from '../option-values.js';
import { asJson, beginRun, FAILURES_ALONE, paperNow } from './command-run.js';
import type { CompareFlags } from './flags.js';
import { reportTo } from './report-to.js';

/** What a server and its clients take without idle connections, and some of those. */
const LEAST_DESCRIPTORS = 200;

/** Gives the exit status. */
export async function sweepModels(range: Range, flags: CompareFlags): Promise<number> {
  const options = optionsOf(range, flags);
  const chalk = colours();
  const writeReport = flags.report === undefined ? undefined : await reportTo(flags.report);
  const { output, until, end } = beginRun('sweep');
  const screen = new SweepScreen(output, chalk, terminalSize(process.stdout)?.columns);
  if (!flags.json) screen.print(heading(options).map((line, i) => (i === 0 ? chalk.bold(line) : line)));
  const result = await sweep(options, readMachine(), flags.json ? FAILURES_ALONE : screen, until);
  if (flags.json) output.write(asJson(result), 1);
  else screen.print([sweepSummary(paperNow(), result).trimEnd()]);
  writeReport?.(({ sweepPage }, command) => sweepPage(result, command));
  return end(result.models.some(({ failure }) => failure !== undefined));
}

function heading({ modes, from, to }: SweepOptions): string[] {
  return [
    `evented-demo, compare --sweep connections=${from}..${to}: ${modes.join(', ')}`,
    '  One model after the other holds more and more idle connections. Each number is',
    '  measured: memory, threads, quick requests one after the other (the probe), and',
    '  half a second at full speed. Ctrl-C keeps what was measured.',
  ];
}

function optionsOf(range: Range, flags: CompareFlags): SweepOptions {
  const missing = systemCallsUnavailable() ?? procUnavailable();
  if (missing !== undefined) throw new CliError(`--sweep ${missing}.`);
  needDescriptors(LEAST_DESCRIPTORS, 'a sweep');
  return { modes: flags.modes ?? DEFAULT_MODES, ...range, port: flags.port ?? 0 };
}
