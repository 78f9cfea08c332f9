// Runs a comparison for the person at the keyboard: the question, the columns while it runs, the figures after it.

import type { ChalkInstance } from 'chalk';
import { closestMatch } from 'leven';
import { aborted } from '../../compare/aborted.js';
import { Columns } from '../../compare/columns.js';
import { type CompareOptions, compare, type Observer, UNOBSERVED } from '../../compare/compare.js';
import type { Comparison } from '../../compare/comparison.js';
import { EveryLine, LEAST_LINE_COLUMN } from '../../compare/every-line.js';
import { FoldedView, LEAST_FOLDED_COLUMN } from '../../compare/folded-view.js';
import { LiveScreen, type View } from '../../compare/live-screen.js';
import { allScenarios, loadScenario, type Scenario, scenarioNames } from '../../compare/scenario.js';
import { summary, verdict } from '../../compare/summary.js';
import { capOf, holdsMany, readMachine } from '../../compare/sweep/caps.js';
import { defaultMaxThreads } from '../../models/blocking/max-threads.js';
import { formatPace, type ModelName } from '../../models/options.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { colours } from '../../terminal/colours.js';
import type { Output } from '../../terminal/output.js';
import { count } from '../../terminal/quantities.js';
import { canMoveCursor, glyphsFor, terminalSize } from '../../terminal/terminal.js';
import { wrap } from '../../terminal/width.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import type { CompareFlags } from './flags.js';
import { beginMeasurement } from './measurement.js';
import { reportTo } from './report-to.js';

const DEFAULT_MODES: readonly ModelName[] = ['blocking', 'evented'];
const FEW_CONNECTIONS = 100;
/** Of a scenario's name in the list. */
const NAME_WIDTH = 15;
/** As wide as lines are in a pipe. */
const PIPE_COLUMNS = 100;
/** What the clients of a scenario need beside those that it makes in numbers; and descriptors of this process itself. */
const OTHER_CLIENTS = 20;
const OWN_DESCRIPTORS = 80;
/** Node's own, the one that serves, and a share of the clients' one. */
const THREADS_OF_A_SERVER = 16;
/** How long the question may take to be written before it is asked for an answer, in milliseconds. */
const ASK_FLUSH_MS = 1000;
/** The most that --connections takes. */
const MOST_CONNECTIONS = 100_000;

const FAILURES_ALONE: Observer = {
  ...UNOBSERVED,
  onFailure: (mode, sentence) => printError(`${mode}: ${sentence}`),
};

/** Gives the exit status. */
export async function compareModels(name: string, flags: CompareFlags): Promise<number> {
  if (!scenarioNames().includes(name)) throw unknownScenario(name);
  refuseAsk(flags);
  const scenario = await loadScenario(name);
  const modes = runnable(flags.modes, scenario.modes ?? DEFAULT_MODES);
  needDescriptors(
    OWN_DESCRIPTORS + modes.length * OTHER_CLIENTS,
    `a comparison of ${count(modes.length, 'model')}`,
  );
  needThreads(modes.length * THREADS_OF_A_SERVER, modes.length);
  const options: CompareOptions = {
    name,
    scenario,
    modes,
    port: flags.port,
    connections: connectionsOf(name, scenario, modes, flags.connections),
    ...(flags.pace === undefined ? {} : { pace: flags.pace }),
  };
  const chalk = colours();
  const writeReport = flags.report === undefined ? undefined : await reportTo(flags.report);
  const { output, until, end } = beginMeasurement('comparison');
  const brief = flags.json || flags.quiet;
  if (!brief) output.write(introduction(options, chalk), 1);
  if (flags.ask) {
    await output.flush(ASK_FLUSH_MS);
    if (!(await enterPressed(until))) return end(false);
  }
  const comparison = brief
    ? await compare(options, FAILURES_ALONE, until)
    : await watched(options, viewFor(options, flags.lines, chalk), output, until);
  if (flags.json) {
    const models = comparison.models.map(({ events, clients, ...rest }) => rest);
    output.write(`${JSON.stringify({ ...comparison, models }, undefined, 2)}\n`, 1);
  } else {
    const columns = terminalSize(process.stdout)?.columns ?? PIPE_COLUMNS;
    const paper = { chalk, glyphs: glyphsFor(process.env), columns };
    const text = flags.quiet ? verdict(paper, comparison) : summary(paper, comparison, flags.lines !== 'all');
    output.write(text, 1);
  }
  writeReport?.(({ reportPage }, command) => reportPage(comparison, command));
  const lacking = clientsLacked(comparison);
  if (lacking !== undefined) printError(lacking);
  return end(lacking !== undefined || comparison.models.some(({ failure }) => failure !== undefined));
}

export async function listScenarios(): Promise<number> {
  const room = (terminalSize(process.stdout)?.columns ?? Number.POSITIVE_INFINITY) - NAME_WIDTH;
  for (const { name, scenario } of await allScenarios()) {
    const lines = [scenario.question, `Shows: ${scenario.teaches}`].flatMap((text) => wrap(text, room));
    const named = lines.map((line, i) => `${(i === 0 ? name : '').padEnd(NAME_WIDTH)}${line}\n`);
    process.stdout.write(named.join(''));
  }
  return 0;
}

function needThreads(needed: number, models: number): void {
  const { threads, threadsBy } = readMachine();
  if (threads >= needed) return;
  throw new CliError(
    `A comparison of ${count(models, 'model')} needs ${needed} threads, but ${threadsBy} leaves only ${threads}. Close other programs, or raise that limit.`,
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

function introduction({ name, modes, scenario, pace }: CompareOptions, chalk: ChalkInstance): string {
  const room = terminalSize(process.stdout)?.columns ?? PIPE_COLUMNS;
  const lines = [
    `${chalk.bold(`evented-demo, compare ${name}`)}: ${modes.join(', ')}`,
    ...wrap(`Question: ${scenario.question}`, room, 5).map((line) => chalk.bold(line)),
    chalk.dim('Times are in seconds since all servers listened.'),
    ...(pace === undefined
      ? []
      : [chalk.yellow(`Slowed down by --pace ${formatPace(pace)}: every server pauses before each step.`)]),
  ];
  return `${lines.join('\n')}\n`;
}

async function watched(
  options: CompareOptions,
  view: View,
  output: Output,
  until: AbortSignal,
): Promise<Comparison> {
  const { stdout } = process;
  const rows = canMoveCursor(stdout, process.env) ? terminalSize(stdout)!.rows : 0;
  const screen = new LiveScreen(output, view, rows);
  try {
    return await compare(options, screen, until);
  } finally {
    screen.close();
  }
}

/** Slowed down, a server is followed line by line. */
function viewFor({ modes, pace }: CompareOptions, lines: CompareFlags['lines'], chalk: ChalkInstance): View {
  const columns = terminalSize(process.stdout)?.columns;
  const glyphs = glyphsFor(process.env);
  const all = lines === undefined ? pace !== undefined : lines === 'all';
  if (all) return new EveryLine(new Columns(chalk, modes, columns, glyphs, LEAST_LINE_COLUMN));
  return new FoldedView(new Columns(chalk, modes, columns ?? PIPE_COLUMNS, glyphs, LEAST_FOLDED_COLUMN));
}

function refuseAsk({ ask }: CompareFlags): void {
  if (ask && !process.stdin.isTTY)
    throw new CliError(
      '--ask waits for Enter, so it needs a terminal as its input. Leave it out.',
      WRONG_USAGE,
    );
}

/** False where the answer is Ctrl-C or the end of the input: nobody wants to see it. */
function enterPressed(until: AbortSignal): Promise<boolean> {
  const { stdin } = process;
  process.stderr.write('Press Enter to see. ');
  return new Promise((resolve) => {
    const answer = (wanted: boolean): void => {
      stdin.off('data', onLine).off('end', onEnd).pause();
      if (!wanted) process.stderr.write('\n');
      resolve(wanted);
    };
    const onLine = (): void => answer(true);
    const onEnd = (): void => answer(false);
    stdin.on('data', onLine).on('end', onEnd);
    aborted(until).then(onEnd);
  });
}

/** As many as were asked for, or as the scenario has it, and no more than this machine can bear. */
function connectionsOf(
  name: string,
  scenario: Scenario,
  modes: readonly ModelName[],
  wanted?: number,
): number {
  if (wanted !== undefined && scenario.connections === undefined) {
    throw new CliError(
      `Scenario ${name} has a fixed number of connections. Leave --connections out, or use it with idle or burst.`,
      WRONG_USAGE,
    );
  }
  const { most, because } = mostConnections(modes);
  if (wanted !== undefined && wanted > most) {
    throw new CliError(`--connections can be at most ${most} here: ${because}.`);
  }
  const usual = scenario.connections;
  if (wanted === undefined && usual !== undefined && usual > most)
    printError(`${name} uses ${count(most, 'connection')} here, not ${usual}: ${because}.`);
  return Math.min(wanted ?? usual ?? FEW_CONNECTIONS, most);
}

function mostConnections(modes: readonly ModelName[]): { most: number; because: string } {
  const machine = readMachine();
  const bounds = [
    {
      // The clients of all servers are one process.
      most: Math.floor((machine.descriptors - OWN_DESCRIPTORS) / modes.length) - OTHER_CLIENTS,
      because: `a process may open ${machine.descriptors} files here, and one process runs all clients; raise \`ulimit -n\`, or compare fewer models`,
    },
  ];
  for (const mode of modes) {
    if (!holdsMany(mode)) continue; // it holds a few, and the others lie in the accept queue
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

/** A client for whom this process had no descriptor, or no port, says nothing of a server. */
function clientsLacked({ models }: Comparison): string | undefined {
  const number = models
    .map(({ figures: { failures } }) => (failures['no descriptor'] ?? 0) + (failures['no address'] ?? 0))
    .reduce((sum, each) => sum + each, 0);
  if (number === 0) return undefined;
  return `${count(number, 'client')} could not connect: no file descriptor or no port was left. That is no failure of a server. Raise \`ulimit -n\`, or use fewer --connections.`;
}

function unknownScenario(name: string): CliError {
  const names = scenarioNames();
  const near = closestMatch(name, names, { maxDistance: 3 });
  const next = near === undefined ? `Use one of ${names.join(', ')}.` : `Did you mean ${near}?`;
  return new CliError(`There is no scenario ${JSON.stringify(name)}. ${next}`, WRONG_USAGE);
}
