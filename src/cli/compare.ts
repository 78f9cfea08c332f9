// Runs a comparison for the person at the keyboard: the question, the columns while it runs, the figures after it.

import { createInterface } from 'node:readline/promises';
import type { ChalkInstance } from 'chalk';
import { closestMatch } from 'leven';
import { Columns } from '../compare/columns.js';
import { type Audience, type CompareOptions, compare } from '../compare/compare.js';
import { LiveScreen } from '../compare/live-screen.js';
import { allScenarios, loadScenario, type Scenario, scenarioNames } from '../compare/scenario.js';
import { summary } from '../compare/summary.js';
import { defaultMaxThreads } from '../models/max-threads.js';
import { formatPace, type Mode } from '../models/options.js';
import { limitOf } from '../posix/process-limits.js';
import { colours } from '../ui/colours.js';
import { Output } from '../ui/output.js';
import { terminalSize } from '../ui/terminal.js';
import { wrap } from '../ui/words.js';
import type { CompareFlags } from './compare-command.js';
import { CliError, FAILED, WRONG_USAGE } from './errors.js';
import { reportTo } from './report-to.js';
import { tell } from './tell.js';

const STDOUT = 1;
const MOST_WAITING = 16 * 1024 * 1024;
const FLUSH_MS = 5000;
const DEFAULT_MODES: readonly Mode[] = ['blocking', 'evented'];
const FEW_CONNECTIONS = 100;
/** What the clients of a scenario, and Node, need beside those that it makes in numbers. */
const OTHER_CLIENTS = 20;

const NOBODY: Audience = {
  onListening: () => {},
  onBegin: () => {},
  onStep: () => {},
  onEvents: () => {},
  onSample: () => {},
  onFailure: (mode, sentence) => tell(`${mode}: ${sentence}`),
  onLoad: () => {},
};

/** Gives the exit status. */
export async function compareModels(name: string, flags: CompareFlags): Promise<number> {
  if (!scenarioNames().includes(name)) throw unknownScenario(name);
  const scenario = await loadScenario(name);
  const modes = flags.modes ?? scenario.modes ?? DEFAULT_MODES;
  const options: CompareOptions = {
    name,
    scenario,
    modes,
    port: flags.port,
    connections: connectionsOf(name, scenario, modes, flags.connections),
    ...(flags.pace === undefined ? {} : { pace: formatPace(flags.pace) }),
  };
  const chalk = colours();
  const output = new Output(
    STDOUT,
    MOST_WAITING,
    (skipped) => `... ${skipped} lines not shown ...\n`,
    closed,
  );
  const writeReport = flags.report === undefined ? undefined : await reportTo(flags.report);
  const ending = new AbortController();
  const onSignal = (): void => ending.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const comparison = flags.json
    ? await compare(options, NOBODY, ending.signal)
    : await watched(options, flags, chalk, output, ending.signal);
  if (flags.json) {
    const brief = { ...comparison, models: comparison.models.map(({ events, ...rest }) => rest) };
    output.write(`${JSON.stringify(brief, undefined, 2)}\n`, 1);
  } else {
    output.write(summary(chalk, comparison, terminalSize(process.stdout)?.columns), 1);
  }
  await output.flush(FLUSH_MS);
  writeReport?.(({ reportPage }, command) => reportPage(comparison, command));
  return output.lost || comparison.models.some(({ failure }) => failure !== undefined) ? FAILED : 0;
}

export async function listScenarios(): Promise<number> {
  for (const { name, scenario } of await allScenarios()) {
    process.stdout.write(
      `${name.padEnd(14)} ${scenario.teaches}\n${' '.repeat(15)}Ask: ${scenario.question}\n`,
    );
  }
  return 0;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function watched(
  options: CompareOptions,
  { ask }: CompareFlags,
  chalk: ChalkInstance,
  output: Output,
  until: AbortSignal,
) {
  const { stdout } = process;
  const columns = terminalSize(stdout)?.columns;
  const { name, modes, scenario, pace } = options;
  const view = new Columns(chalk, modes, columns);
  const screen = new LiveScreen(output, view, chalk, stdout.isTTY);
  screen.print([
    `${chalk.bold(`evented-demo, compare ${name}`)}: ${modes.join(', ')}`,
    ...wrap(scenario.teaches, (columns ?? 100) - 4, 5).map((line) => `  ${line}`),
    ...wrap(`Question: ${scenario.question}`, (columns ?? 100) - 4, 5).map((line) => chalk.bold(`  ${line}`)),
    ...(pace === undefined
      ? []
      : [chalk.yellow(`  Paced (${pace}): every server pauses before each step, all alike.`)]),
  ]);
  if (ask) await enterPressed(until);
  const comparison = await compare(options, screen, until);
  screen.close();
  return comparison;
}

async function enterPressed(until: AbortSignal): Promise<void> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  await prompt.question('  Press Enter to see. ', { signal: until }).catch(() => {});
  prompt.close();
}

/** As many as were asked for, or as the scenario has it, and no more than this machine can bear. */
function connectionsOf(name: string, scenario: Scenario, modes: readonly Mode[], wanted?: number): number {
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
  return Math.min(wanted ?? scenario.connections ?? FEW_CONNECTIONS, most);
}

function mostConnections(modes: readonly Mode[]): { most: number; because: string } {
  const descriptors = (limitOf('Max open files')?.hard ?? 1024) - OTHER_CLIENTS;
  const threads = defaultMaxThreads() - OTHER_CLIENTS;
  if (modes.includes('blocking') && threads < descriptors)
    return {
      most: Math.max(1, threads),
      because: 'blocking needs a thread for each; --modes evented can hold more',
    };
  // The clients of all servers are one process.
  return {
    most: Math.floor(descriptors / modes.length),
    because: 'each is a descriptor of the clients; raise `ulimit -n`, or compare fewer models',
  };
}

function unknownScenario(name: string): CliError {
  const names = scenarioNames();
  const near = closestMatch(name, names, { maxDistance: 3 });
  const next = near === undefined ? `there are ${names.join(', ')}.` : `did you mean ${near}?`;
  return new CliError(`expected a scenario, found ${JSON.stringify(name)}; ${next}`, WRONG_USAGE);
}

function closed(code: string): void {
  tell(`standard output can no longer be written (${code}); the comparison goes on without it.`);
}
