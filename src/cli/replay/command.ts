// `evented-demo replay`: its flags.

import { Command, Option } from 'commander';
import type { Followed } from '../../board/followed.js';
import { choice, formatOption, numberUpTo, option, pageOption, type Reader } from '../option-values.js';
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

const whom: Reader<Followed> = {
  use: "a connection's id, or a client's name",
  read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text.trim()) || undefined,
};

const LONGEST = numberUpTo(31_536_000);

/** Flags about how it plays on a terminal: they have no effect elsewhere. */
const PLAYING = ['speed', 'step', 'lines', 'format'];

/** A flag whose file shows all of the recording. */
const fileOption = (flags: string, description: string, others: readonly string[]): Option =>
  new Option(`${flags} <file>`, description).conflicts([...PLAYING, 'page', ...others]);

export function replayCommand(): Command {
  return new Command('replay')
    .summary('play what --record wrote, on any system')
    .description(
      'play a recording of serve, watch or compare: as a picture on a terminal, as lines anywhere else',
    )
    .argument('<file>', 'the recording; it may be compressed with gzip')
    .argument('[second]', 'another one to show beside it; the clocks of both begin with their first clients')
    .addOption(
      option('--speed <factor>', '1 is real time, 0.01 is a hundred times slower, max never waits', speed),
    )
    .addOption(option('--at <seconds>', 'begin at this moment of the recording', LONGEST))
    .addOption(option('--to <seconds>', 'end at this moment of the recording', LONGEST))
    .addOption(
      option('--follow <whom>', 'only this connection, by its id; or only the client with this name', whom),
    )
    .addOption(new Option('--step', 'start frozen; an arrow key moves by one event').conflicts(['lines']))
    .addOption(
      choice(
        '--lines [which]',
        'print lines on a terminal too; folded: one line for similar events of a comparison',
        ['folded', 'all'],
      ).preset('all'),
    )
    .addOption(
      pageOption('a page for a browser on this machine that plays it; 0 takes a free port').conflicts([
        ...PLAYING,
        'at',
        'follow',
      ]),
    )
    .addOption(
      fileOption('--html', 'write a page that plays the recording to a new file', [
        'at',
        'follow',
        'trace',
        'svg',
        'ladder',
      ]),
    )
    .addOption(
      fileOption('--trace', 'write a trace for Perfetto to a new file', ['at', 'follow', 'svg', 'ladder']),
    )
    .addOption(fileOption('--svg', 'write a picture of all threads to a new file', ['follow', 'ladder']))
    .addOption(fileOption('--ladder', 'write a sequence diagram of one connection to a new file', ['at']))
    .addOption(formatOption('ndjson'))
    .action(async (file: string, second: string | undefined, flags: ReplayFlags) => {
      const { replay } = await import('./run.js');
      process.exitCode = await replay(second === undefined ? [file] : [file, second], flags);
    });
}
