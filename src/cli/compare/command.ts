// `evented-demo compare`: its flags.

import { Command, Option } from 'commander';
import { MODES } from '../../models/options.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import {
  choice,
  connectionsRange,
  host,
  option,
  pace,
  pageOption,
  repeated,
  wholeNumber,
} from '../option-values.js';
import { type CompareFlags, MOST_CONNECTIONS, modelList } from './flags.js';
import { withCommand } from './with.js';

export function compareCommand(): Command {
  return new Command('compare')
    .summary('run the same clients against several models, side by side')
    .description(
      'run the same clients against several models at once, and show side by side what each server does',
    )
    .argument('[scenario]', 'what the clients do; --list shows all; open: no clients but yours', 'quick')
    .addOption(
      option('--modes <list>', `models to compare: ${MODES.join(', ')} (default: by scenario)`, modelList),
    )
    .addOption(
      repeated(
        '--with <command>',
        "your own server beside them, under strace: 'python3 server.py {port}'; NAME=COMMAND names it; once or twice",
        withCommand,
      ).conflicts(['pace', 'sweep', 'pollers']),
    )
    .addOption(
      option(
        '--connections <number>',
        'number of connections, for idle and burst',
        wholeNumber(1, MOST_CONNECTIONS),
      ),
    )
    .addOption(
      option('--pace <ms|factor>', 'slow the servers down: a pause before each step; 200ms, 1000x', pace),
    )
    .addOption(
      option(
        '--port <number>',
        'port of the first server, the others use the next ones; 0 picks free ports (default: 0, for open 8080)',
        wholeNumber(0, 65_000),
      ),
    )
    .addOption(
      option('--host <address>', 'for open: address to listen on; 0.0.0.0 lets other machines connect', host),
    )
    .option('--ask', 'show the question, and wait for Enter before the run')
    .addOption(
      choice(
        '--lines <which>',
        'one line for similar events, or one for each (default: folded; with --pace: all)',
        ['folded', 'all'],
      ),
    )
    .option('--board', 'all servers as a picture that stays in place; keys freeze it and turn it back')
    .addOption(pageOption())
    .addOption(
      new Option('--quiet', 'print only the figures and the verdict').conflicts([
        'ask',
        'lines',
        'board',
        'page',
      ]),
    )
    .addOption(
      new Option('--json', 'print only the result, as JSON').conflicts([
        'ask',
        'lines',
        'board',
        'page',
        'quiet',
      ]),
    )
    .option('--report <file>', 'write a page with the timeline, the charts and the table')
    .option('--record <file>', 'also write every event of all servers and clients to a new file, as NDJSON')
    .option('--list', 'list the scenarios')
    .addOption(
      option(
        '--sweep <connections=A..B>',
        'instead of a scenario: memory, threads and speed of each model with A to B idle connections',
        connectionsRange,
      ).conflicts(['pace', 'ask', 'connections', 'lines', 'board', 'page', 'quiet', 'record']),
    )
    .addOption(
      new Option(
        '--pollers',
        'instead of a scenario: what a wait costs with epoll, poll and select',
      ).conflicts(['modes', 'connections', 'pace', 'ask', 'report', 'sweep', 'lines', 'quiet', 'record']),
    )
    .action(async (scenario: string, flags: CompareFlags, { args }: Command) => {
      if (flags.pollers && !flags.list) {
        refuseScenario('--pollers', args[0]);
        const { runPollers } = await import('./pollers.js');
        process.exitCode = await runPollers(flags);
        return;
      }
      if (flags.sweep !== undefined && !flags.list) {
        refuseScenario('--sweep', args[0]);
        const { sweepModels } = await import('./sweep.js');
        process.exitCode = await sweepModels(flags.sweep, flags);
        return;
      }
      const { compareModels, listScenarios } = await import('./run.js');
      process.exitCode = await (flags.list ? listScenarios() : compareModels(scenario, flags));
    });
}

/** `scenario` is a word that was typed, and that has no meaning beside this flag. */
function refuseScenario(flag: string, scenario: string | undefined): void {
  if (scenario === undefined) return;
  throw new CliError(
    `${flag} runs no scenario. Leave ${JSON.stringify(scenario)} or ${flag} out.`,
    WRONG_USAGE,
  );
}
