// `evented-demo replay`: its flags.

import { Command, Option } from 'commander';
import { numberUpTo, option, wholeNumber } from '../option-values.js';
import type { ReplayFlags } from './flags.js';

const SLOWEST = 0.001;
const FASTEST = 1000;

const speed = {
  use: `a factor from ${SLOWEST} to ${FASTEST}, or max`,
  read: (text: string) => {
    if (text === 'max') return Number.POSITIVE_INFINITY;
    const value = numberUpTo(FASTEST).read(text.replace(/x$/, ''));
    return value !== undefined && value >= SLOWEST ? value : undefined;
  },
};

/** Flags about how it plays: where a file is written instead, they have no effect. */
const PLAYING = ['speed', 'at', 'follow', 'step', 'lines', 'format'];

export function replayCommand(): Command {
  return new Command('replay')
    .summary('play what serve --record wrote, on any system')
    .description('play a recording of serve --record: as a picture on a terminal, as lines anywhere else')
    .argument('<file>', 'the recording; it may be compressed with gzip')
    .addOption(
      option('--speed <factor>', '1 is real time, 0.01 is a hundred times slower, max never waits', speed),
    )
    .addOption(option('--at <seconds>', 'begin at this moment of the recording', numberUpTo(31_536_000)))
    .addOption(option('--follow <id>', 'only this connection', wholeNumber(1, 1e15)))
    .addOption(new Option('--step', 'start frozen; an arrow key moves by one event').conflicts(['lines']))
    .option('--lines', 'print lines on a terminal too')
    .addOption(
      new Option('--html <file>', 'write a page that plays the recording to a new file').conflicts([
        ...PLAYING,
        'trace',
      ]),
    )
    .addOption(
      new Option('--trace <file>', 'write a trace for Perfetto to a new file, and play nothing').conflicts(
        PLAYING,
      ),
    )
    .addOption(new Option('--format <name>', 'output format').choices(['pretty', 'ndjson']).default('pretty'))
    .action(async (file: string, flags: ReplayFlags) => {
      const { replay } = await import('./run.js');
      process.exitCode = await replay(file, flags);
    });
}
