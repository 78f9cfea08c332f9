// Runs a comparison for the person at the keyboard: the question, the columns while it runs, the figures after it.

import { closestMatch } from 'leven';
import { type CompareOptions, compare } from '../../compare/compare.js';
import type { Comparison } from '../../compare/comparison.js';
import { type Observer, together } from '../../compare/observer.js';
import { allScenarios, DEFAULT_MODES, loadScenario, scenarioNames } from '../../compare/scenario.js';
import { comparisonSummary, quietSummary } from '../../compare/summary.js';
import { formatPace, type ModelName } from '../../models/options.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { count } from '../../terminal/quantities.js';
import { terminalSize } from '../../terminal/terminal.js';
import { wrap } from '../../terminal/width.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { pageStays } from '../live-page.js';
import { printError } from '../print-error.js';
import { givingUp } from '../serve/recording.js';
import { refuseBoardWithoutTerminal } from '../steered.js';
import { asJson, beginRun, type CommandRun, FAILURES_ALONE, paperNow } from './command-run.js';
import { connectionsOf, needRoomFor } from './enough.js';
import { enterPressed } from './enter.js';
import type { CompareFlags } from './flags.js';
import { type ComparePage, openComparePage } from './page.js';
import { recordComparison } from './recording.js';
import { reportTo } from './report-to.js';
import { steeredBy, watched } from './watched.js';
import { namesOf, otherCommands } from './with.js';

/** Of a scenario's name in the list. */
const NAME_WIDTH = 15;
/** In the place of a scenario: no clients but those who connect. */
const OPEN = 'open';
/** How long the question may take to be written before it is asked for an answer, in milliseconds. */
const FLUSH_MS = 1000;

/** Gives the exit status. */
export async function compareModels(name: string, flags: CompareFlags): Promise<number> {
  if (name !== OPEN && !scenarioNames().includes(name)) throw unknownScenario(name);
  refuseWithoutTerminal(flags);
  const scenario = name === OPEN ? undefined : await loadScenario(name);
  const modes = runnable(flags.modes, scenario?.modes ?? DEFAULT_MODES);
  const others = await otherCommands(flags, modes, scenario);
  const names = namesOf(modes, others);
  needRoomFor(names.length);
  if (scenario === undefined) return (await import('./open.js')).openModels(modes, others, flags);
  if (flags.host !== undefined)
    throw new CliError(
      `--host is for compare open: the clients of ${name} run on this machine. Leave it out.`,
      WRONG_USAGE,
    );
  const options: CompareOptions = {
    name,
    scenario,
    modes,
    others,
    port: flags.port ?? 0,
    connections: connectionsOf(name, scenario, modes, names.length, flags.connections),
    ...(flags.pace === undefined ? {} : { pace: flags.pace }),
  };
  const writeReport = flags.report === undefined ? undefined : await reportTo(flags.report);
  const commandRun = beginRun('comparison');
  const { output, until, end } = commandRun;
  if (!isBrief(flags)) output.write(introduction(options), 1);
  if (flags.ask || flags.board) await output.flush(FLUSH_MS); // the question, or the board, comes after it
  if (flags.ask && !(await enterPressed('Press Enter to see. ', until))) return end(false);
  const recorder =
    flags.record === undefined ? undefined : recordComparison(flags.record, name, scenario.question, names);
  const steered = steeredBy(flags);
  const page =
    flags.page === undefined
      ? undefined
      : await openComparePage(flags.page, name, names, steered).catch(givingUp(recorder));
  try {
    const comparison = await run({ ...options, steered }, flags, commandRun, page, recorder);
    const recorded = (await recorder?.close()) ?? true;
    const lackingServer = serverLacked(comparison);
    if (lackingServer !== undefined) {
      if (flags.board) printError(lackingServer);
      return end(true);
    }
    output.write(resultOf(comparison, flags), 1);
    writeReport?.(({ reportPage }, command) => reportPage(comparison, command));
    const lacking = clientsLacked(comparison);
    if (lacking !== undefined) printError(lacking);
    await output.flush(FLUSH_MS);
    if (page !== undefined) await pageStays(until);
    const failed = lacking !== undefined || !recorded;
    return end(failed || comparison.models.some(({ failure }) => failure !== undefined));
  } finally {
    await page?.close();
  }
}

const isBrief = ({ json, quiet }: CompareFlags): boolean => json ?? quiet ?? false;

function run(
  options: CompareOptions,
  flags: CompareFlags,
  commandRun: CommandRun,
  page: ComparePage | undefined,
  recorder: Observer | undefined,
): Promise<Comparison> {
  const { name, modes, others, steered } = options;
  const names = namesOf(modes, others);
  const { until } = commandRun;
  if (isBrief(flags))
    return compare(options, recorder ? together([FAILURES_ALONE, recorder]) : FAILURES_ALONE, until);
  return watched({ name, modes: names, flags, page, recorder, steered }, commandRun, (observer) =>
    compare(options, observer, until),
  );
}

function resultOf(comparison: Comparison, { json, quiet, lines }: CompareFlags): string {
  if (json) {
    const models = comparison.models.map(({ events, clients, ...rest }) => rest);
    return asJson({ ...comparison, models });
  }
  const paper = paperNow();
  return quiet ? quietSummary(paper, comparison) : comparisonSummary(paper, comparison, lines !== 'all');
}

export async function listScenarios(): Promise<number> {
  const room = (terminalSize(process.stdout)?.columns ?? Number.POSITIVE_INFINITY) - NAME_WIDTH;
  for (const { name, scenario } of await allScenarios()) {
    const lines = [scenario.question, `Shows: ${scenario.teaches}`].flatMap((text) => wrap(text, room));
    const named = lines.map((line, i) => `${(i === 0 ? name : '').padEnd(NAME_WIDTH)}${line}\n`);
    process.stdout.write(named.join(''));
  }
  process.stdout.write(
    `${OPEN.padEnd(NAME_WIDTH)}No scenario: the servers wait for you, and show everyone who connects.\n`,
  );
  return 0;
}

/** Without system calls there is the portable engine, which has one model. What was asked for is never left out. */
function runnable(
  asked: readonly ModelName[] | undefined,
  usual: readonly ModelName[],
): readonly ModelName[] {
  const missing = systemCallsUnavailable();
  if (missing === undefined) return asked ?? usual;
  const cannot = (asked ?? usual).filter((mode) => mode !== 'evented');
  if (asked !== undefined && cannot.length > 0)
    throw new CliError(`--modes ${cannot.join(',')} ${missing}. Use --modes evented.`);
  if (cannot.length > 0)
    printError(`Only evented runs here. Each of the others (${cannot.join(', ')}) ${missing}.`);
  return ['evented'];
}

function introduction({ name, modes, others, scenario, pace }: CompareOptions): string {
  const { chalk, columns } = paperNow();
  const lines = [
    `${chalk.bold(`evented-demo, compare ${name}`)}: ${namesOf(modes, others).join(', ')}`,
    ...wrap(`Question: ${scenario.question}`, columns, 5).map((line) => chalk.bold(line)),
    chalk.dim('Times are in seconds since all servers listened.'),
    ...(pace === undefined
      ? []
      : [chalk.yellow(`Slowed down by --pace ${formatPace(pace)}: every server pauses before each step.`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function refuseWithoutTerminal({ ask, board }: CompareFlags): void {
  if (board) refuseBoardWithoutTerminal();
  if (ask && !process.stdin.isTTY)
    throw new CliError(
      '--ask waits for Enter, so it needs a terminal as its input. Leave it out.',
      WRONG_USAGE,
    );
}

/** A server of --with that never listened: there was nothing to compare. */
function serverLacked({ models, steps }: Comparison): string | undefined {
  const lacking = models.find(({ command, failure }) => command !== undefined && failure !== undefined);
  return steps.length > 0 || lacking === undefined ? undefined : `${lacking.mode}: ${lacking.failure}`;
}

/** A client for whom this process had no descriptor, or no port, says nothing of a server. */
function clientsLacked({ models }: Comparison): string | undefined {
  const number = models
    .map(({ figures: { failures } }) => (failures['no descriptor'] ?? 0) + (failures['no address'] ?? 0))
    .reduce((sum, each) => sum + each, 0);
  if (number === 0) return undefined;
  return `${count(number, 'client')} could not connect: no file descriptor or no port was left. That is no failure of a server. Raise \`ulimit -n\`, or use fewer --connections.`;
}

function unknownScenario(name: string): CliError {
  const names = [...scenarioNames(), OPEN];
  const near = closestMatch(name, names, { maxDistance: 3 });
  const next = near === undefined ? `Use one of ${names.join(', ')}.` : `Did you mean ${near}?`;
  return new CliError(`There is no scenario ${JSON.stringify(name)}. ${next}`, WRONG_USAGE);
}
