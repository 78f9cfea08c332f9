// Runs a comparison for the person at the keyboard: the question, the columns while it runs, the figures after it.

import type { ChalkInstance } from 'chalk';
import { closestMatch } from 'leven';
import { aborted } from '../../compare/aborted.js';
import { Columns } from '../../compare/columns.js';
import { type CompareOptions, compare, type Observer } from '../../compare/compare.js';
import type { Comparison } from '../../compare/comparison.js';
import { LiveScreen } from '../../compare/live-screen.js';
import { allScenarios, loadScenario, type Scenario, scenarioNames } from '../../compare/scenario.js';
import { summary } from '../../compare/summary.js';
import { capOf, readMachine } from '../../compare/sweep/caps.js';
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
/** What the clients of a scenario need beside those that it makes in numbers; and descriptors of this process itself. */
const OTHER_CLIENTS = 20;
const OWN_DESCRIPTORS = 80;
/** Node's own, the one that serves, and a share of the clients' one. */
const THREADS_OF_A_SERVER = 16;
/** How long the question may take to be written before it is asked for an answer, in milliseconds. */
const ASK_FLUSH_MS = 1000;
/** The most that --connections takes. */
const MOST_CONNECTIONS = 100_000;

const NOBODY: Observer = {
  onListening: () => {},
  onBegin: () => {},
  onStep: () => {},
  onEvents: () => {},
  onSample: () => {},
  onFailure: (mode, sentence) => printError(`${mode}: ${sentence}`),
  onLoad: () => {},
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
  if (!flags.json) output.write(introduction(options, chalk), 1);
  if (flags.ask) {
    await output.flush(ASK_FLUSH_MS);
    if (!(await enterPressed(until))) return end(false);
  }
  const comparison = flags.json
    ? await compare(options, NOBODY, until)
    : await watched(options, chalk, output, until);
  if (flags.json) {
    const brief = { ...comparison, models: comparison.models.map(({ events, clients, ...rest }) => rest) };
    output.write(`${JSON.stringify(brief, undefined, 2)}\n`, 1);
  } else {
    const glyphs = glyphsFor(process.env);
    output.write(summary(chalk, comparison, terminalSize(process.stdout)?.columns, glyphs), 1);
  }
  writeReport?.(({ reportPage }, command) => reportPage(comparison, command));
  const lacking = clientsLacked(comparison);
  if (lacking !== undefined) printError(lacking);
  return end(lacking !== undefined || comparison.models.some(({ failure }) => failure !== undefined));
}

export async function listScenarios(): Promise<number> {
  for (const { name, scenario } of await allScenarios()) {
    process.stdout.write(
      `${name.padEnd(14)} ${scenario.question}\n${' '.repeat(15)}Shows: ${scenario.teaches}\n`,
    );
  }
  return 0;
}

function needThreads(needed: number, models: number): void {
  const { threads, threadsBy } = readMachine();
  if (threads >= needed) return;
  throw new CliError(
    `Too few threads for a comparison of ${count(models, 'model')}: ${threadsBy} leaves ${threads}, and ${needed} are needed. Close other programs, or raise it.`,
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
  const room = (terminalSize(process.stdout)?.columns ?? 100) - 4;
  const lines = [
    `${chalk.bold(`evented-demo, compare ${name}`)}: ${modes.join(', ')}`,
    ...wrap(`Question: ${scenario.question}`, room, 5).map((line) => chalk.bold(`  ${line}`)),
    ...(pace === undefined
      ? []
      : [chalk.yellow(`  Paced (${formatPace(pace)}): every server pauses before each step, all alike.`)]),
  ];
  return `${lines.join('\n')}\n`;
}

async function watched(
  options: CompareOptions,
  chalk: ChalkInstance,
  output: Output,
  until: AbortSignal,
): Promise<Comparison> {
  const { stdout } = process;
  const view = new Columns(chalk, options.modes, terminalSize(stdout)?.columns, glyphsFor(process.env));
  const screen = new LiveScreen(output, view, chalk, canMoveCursor(stdout, process.env));
  try {
    return await compare(options, screen, until);
  } finally {
    screen.close();
  }
}

function refuseAsk({ ask, json }: CompareFlags): void {
  if (!ask) return;
  const refuse = (what: string): never => {
    throw new CliError(`--ask expects ${what}; leave it out.`, WRONG_USAGE);
  };
  if (json) refuse('somebody who reads the question, found --json');
  if (!process.stdin.isTTY) refuse('a terminal to read Enter from, found none on standard input');
}

/** False where the answer is Ctrl-C or the end of the input: nobody wants to see it. */
function enterPressed(until: AbortSignal): Promise<boolean> {
  const { stdin } = process;
  process.stderr.write('  Press Enter to see. ');
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
      `--connections expects a scenario that makes connections in numbers, found ${name}; leave it out.`,
      WRONG_USAGE,
    );
  }
  const { most, because } = mostConnections(modes);
  if (wanted !== undefined && wanted > most) {
    throw new CliError(`--connections expects at most ${most} here, found ${wanted}: ${because}.`);
  }
  const usual = scenario.connections;
  if (wanted === undefined && usual !== undefined && usual > most)
    printError(`${name} makes ${count(most, 'connection')} here, not ${usual}: ${because}.`);
  return Math.min(wanted ?? usual ?? FEW_CONNECTIONS, most);
}

function mostConnections(modes: readonly ModelName[]): { most: number; because: string } {
  const machine = readMachine();
  const bounds = [
    {
      // The clients of all servers are one process.
      most: Math.floor((machine.descriptors - OWN_DESCRIPTORS) / modes.length) - OTHER_CLIENTS,
      because: `a process may open ${machine.descriptors} files here, and the clients of all models are one; raise \`ulimit -n\`, or compare fewer models`,
    },
  ];
  for (const mode of modes) {
    if (mode === 'iterative') continue; // it holds one, and the others lie in the accept queue
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
  return `expected a descriptor and a port for each client, found none for ${number} of them, whose failure is no server's; raise \`ulimit -n\`, or take fewer --connections.`;
}

function unknownScenario(name: string): CliError {
  const names = scenarioNames();
  const near = closestMatch(name, names, { maxDistance: 3 });
  const next = near === undefined ? `there are ${names.join(', ')}.` : `did you mean ${near}?`;
  return new CliError(`expected a scenario, found ${JSON.stringify(name)}; ${next}`, WRONG_USAGE);
}
