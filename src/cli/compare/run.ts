// Runs a comparison for the person at the keyboard: the question, the columns while it runs, the figures after it.

import { closestMatch } from 'leven';
import { type CompareOptions, compare } from '../../compare/compare.js';
import type { Comparison } from '../../compare/comparison.js';
import { type Observer, together, UNOBSERVED } from '../../compare/observer.js';
import { allScenarios, loadScenario, type Scenario, scenarioNames } from '../../compare/scenario.js';
import { summary, verdict } from '../../compare/summary.js';
import { capOf, holdsFew, readMachine } from '../../compare/sweep/caps.js';
import { defaultMaxThreads } from '../../models/blocking/max-threads.js';
import { formatPace, type ModelName } from '../../models/options.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { colours } from '../../terminal/colours.js';
import { count } from '../../terminal/quantities.js';
import { glyphsFor, terminalSize } from '../../terminal/terminal.js';
import { wrap } from '../../terminal/width.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { pageStays } from '../live-page.js';
import { printError } from '../print-error.js';
import { refuseBoardWithoutTerminal } from '../steered.js';
import { enterPressed } from './enter.js';
import type { CompareFlags } from './flags.js';
import { beginMeasurement, type Measurement } from './measurement.js';
import { type ComparePage, openComparePage } from './page.js';
import { recordComparison } from './recording.js';
import { reportTo } from './report-to.js';
import { PIPE_COLUMNS, steeredBy, watched } from './watched.js';
import { namesOf, otherCommands } from './with.js';

const DEFAULT_MODES: readonly ModelName[] = ['blocking', 'evented'];
const FEW_CONNECTIONS = 100;
/** Of a scenario's name in the list. */
const NAME_WIDTH = 15;
/** In the place of a scenario: no clients but those who connect. */
const OPEN = 'open';
/** What the clients of a scenario need beside those that it makes in numbers; and descriptors of this process itself. */
const OTHER_CLIENTS = 20;
const OWN_DESCRIPTORS = 80;
/** Node's own, the one that serves, and a share of the clients' one. */
const THREADS_OF_A_SERVER = 16;
/** How long the question may take to be written before it is asked for an answer, in milliseconds. */
const FLUSH_MS = 1000;
/** The most that --connections takes. */
const MOST_CONNECTIONS = 100_000;

const FAILURES_ALONE: Observer = {
  ...UNOBSERVED,
  onFailure: (mode, sentence) => printError(`${mode}: ${sentence}`),
};

/** Gives the exit status. */
export async function compareModels(name: string, flags: CompareFlags): Promise<number> {
  if (name !== OPEN && !scenarioNames().includes(name)) throw unknownScenario(name);
  refuseWithoutTerminal(flags);
  const scenario = name === OPEN ? undefined : await loadScenario(name);
  const modes = runnable(flags.modes, scenario?.modes ?? DEFAULT_MODES);
  const others = await otherCommands(flags, modes, scenario);
  const names = namesOf(modes, others);
  needDescriptors(
    OWN_DESCRIPTORS + names.length * OTHER_CLIENTS,
    `a comparison of ${count(names.length, 'server')}`,
  );
  needThreads(names.length * THREADS_OF_A_SERVER, names.length);
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
  const measurement = beginMeasurement('comparison');
  const { output, until, end } = measurement;
  if (!isBrief(flags)) output.write(introduction(options), 1);
  if (flags.ask || flags.board) await output.flush(FLUSH_MS); // the question, or the board, comes after it
  if (flags.ask && !(await enterPressed('Press Enter to see. ', until))) return end(false);
  const recorder =
    flags.record === undefined ? undefined : recordComparison(flags.record, name, scenario.question, names);
  const steered = steeredBy(flags);
  const page = flags.page === undefined ? undefined : await openComparePage(flags.page, name, names, steered);
  try {
    const comparison = await run({ ...options, steered }, flags, measurement, page, recorder);
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
  measurement: Measurement,
  page: ComparePage | undefined,
  recorder: Observer | undefined,
): Promise<Comparison> {
  const { name, modes, others = [], steered } = options;
  const names = namesOf(modes, others);
  const { until } = measurement;
  if (isBrief(flags))
    return compare(options, recorder ? together([FAILURES_ALONE, recorder]) : FAILURES_ALONE, until);
  return watched({ name, modes: names, flags, page, recorder, steered }, measurement, (observer) =>
    compare(options, observer, until),
  );
}

function resultOf(comparison: Comparison, { json, quiet, lines }: CompareFlags): string {
  if (json) {
    const models = comparison.models.map(({ events, clients, ...rest }) => rest);
    return `${JSON.stringify({ ...comparison, models }, undefined, 2)}\n`;
  }
  const columns = terminalSize(process.stdout)?.columns ?? PIPE_COLUMNS;
  const paper = { chalk: colours(), glyphs: glyphsFor(process.env), columns };
  return quiet ? verdict(paper, comparison) : summary(paper, comparison, lines !== 'all');
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

function needThreads(needed: number, servers: number): void {
  const { threads, threadsBy } = readMachine();
  if (threads >= needed) return;
  throw new CliError(
    `A comparison of ${count(servers, 'server')} needs ${needed} threads, but ${threadsBy} leaves only ${threads}. Close other programs, or raise that limit.`,
  );
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

function introduction({ name, modes, others = [], scenario, pace }: CompareOptions): string {
  const chalk = colours();
  const room = terminalSize(process.stdout)?.columns ?? PIPE_COLUMNS;
  const lines = [
    `${chalk.bold(`evented-demo, compare ${name}`)}: ${namesOf(modes, others).join(', ')}`,
    ...wrap(`Question: ${scenario.question}`, room, 5).map((line) => chalk.bold(line)),
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

/** As many as were asked for, or as the scenario has it, and no more than this machine can bear. */
function connectionsOf(
  name: string,
  scenario: Scenario,
  modes: readonly ModelName[],
  servers: number,
  wanted?: number,
): number {
  if (wanted !== undefined && scenario.connections === undefined) {
    throw new CliError(
      `Scenario ${name} has a fixed number of connections. Leave --connections out, or use it with idle or burst.`,
      WRONG_USAGE,
    );
  }
  const { most, because } = mostConnections(modes, servers);
  if (wanted !== undefined && wanted > most) {
    throw new CliError(`--connections can be at most ${most} here: ${because}.`);
  }
  const usual = scenario.connections;
  if (wanted === undefined && usual !== undefined && usual > most)
    printError(`${name} uses ${count(most, 'connection')} here, not ${usual}: ${because}.`);
  return Math.min(wanted ?? usual ?? FEW_CONNECTIONS, most);
}

function mostConnections(modes: readonly ModelName[], servers: number): { most: number; because: string } {
  const machine = readMachine();
  const bounds = [
    {
      // The clients of all servers are one process.
      most: Math.floor((machine.descriptors - OWN_DESCRIPTORS) / servers) - OTHER_CLIENTS,
      because: `a process may open ${machine.descriptors} files here, and one process runs all clients; raise \`ulimit -n\`, or compare fewer servers`,
    },
  ];
  for (const mode of modes) {
    if (holdsFew(mode)) continue; // it holds a few, and the others lie in the accept queue
    const { connections, reason } = capOf(mode, MOST_CONNECTIONS, machine);
    if (reason !== undefined)
      bounds.push({ most: connections - OTHER_CLIENTS, because: `${mode}: ${reason}` });
    if (mode === 'blocking')
      bounds.push({
        most: defaultMaxThreads() - OTHER_CLIENTS,
        because: 'blocking needs a thread for each; --modes evented can hold more',
      });
  }
  const least = bounds.reduce((a, b) => (b.most < a.most ? b : a));
  return { ...least, most: Math.max(1, least.most) };
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
