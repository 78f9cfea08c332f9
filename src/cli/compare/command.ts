// `evented-demo compare`: its flags.

import { Command, Option } from 'commander';
import { MODES } from '../../models/options.js';
import { connectionsRange, option, pace, wholeNumber } from '../option-values.js';
import { type CompareFlags, models } from './flags.js';

export function compareCommand(): Command {
  return new Command('compare')
    .summary('run the same clients against several models, side by side')
    .description('run the same clients against several models at once, side by side, and say what differed')
    .argument('[scenario]', 'what the clients do; --list tells them all', 'quick')
    .addOption(option('--modes <list>', `the models, of ${MODES.join(', ')} (default: by scenario)`, models))
    .addOption(
      option(
        '--connections <number>',
        'how many, in a scenario that makes them in numbers',
        wholeNumber(1, 100_000),
      ),
    )
    .addOption(
      option(
        '--pace <ms|factor>',
        'servers slowed down to be followed: a pause before each step; 200ms, 1000x',
        pace,
      ),
    )
    .addOption(
      option(
        '--port <number>',
        "the first server's, each next one has the next; 0 takes free ones",
        wholeNumber(0, 65_000),
      ).default(0),
    )
    .option('--ask', 'ask the question first, and wait for Enter')
    .option('--json', 'print the result as JSON, and nothing else')
    .option('--report <file>', 'write a page with the timeline, the charts and the table')
    .option('--list', 'list the scenarios')
    .addOption(
      option(
        '--sweep <connections=A..B>',
        'no scenario: memory, threads and speed of each model, from A idle connections to B',
        connectionsRange,
      ).conflicts(['pace', 'ask', 'connections']),
    )
    .addOption(
      new Option('--pollers', 'no scenario: what a wait costs with epoll, poll and select').conflicts([
        'modes',
        'connections',
        'pace',
        'ask',
        'report',
        'sweep',
      ]),
    )
    .action(async (scenario: string, flags: CompareFlags, { args }: Command) => {
      if (flags.pollers && !flags.list) {
        const { runPollers } = await import('./pollers.js');
        process.exitCode = await runPollers(flags, args[0]);
        return;
      }
      if (flags.sweep !== undefined && !flags.list) {
        const { sweepModels } = await import('./sweep.js');
        process.exitCode = await sweepModels(flags.sweep, flags, args[0]);
        return;
      }
      const { compareModels, listScenarios } = await import('./run.js');
      process.exitCode = await (flags.list ? listScenarios() : compareModels(scenario, flags));
    });
}
