// `evented-demo serve`: its flags, and the server's options that follow from them.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import { defaultMaxThreads } from '../../models/blocking/max-threads.js';
import {
  ENGINES,
  type Engine,
  MODES,
  type Mode,
  POLLERS,
  POOL,
  type ProcessOptions,
  QUEUE_ORDERS,
  type ServeOptions,
  WHEN_FULL,
} from '../../models/options.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { type Example, examplesHelp } from '../examples.js';
import {
  choice,
  flagOf,
  formatOption,
  host,
  mysteryNumber,
  numberOption,
  numberUpTo,
  option,
  pace,
  pageOption,
  seed,
  wholeNumber,
} from '../option-values.js';
import { refuseBoardWithoutTerminal } from '../steered.js';
import type { ServeFlags } from './flags.js';
import { defaultText, limitsOf } from './limits.js';
import { withMystery } from './mystery.js';

const MOST_THREADS = 10_000;
const MOST_LOOPS_OR_WORKERS = 64;

const PROCESSES: ProcessOptions = { most: 32, prefork: 0 };

const seconds = numberUpTo(86_400);

const EXAMPLES: readonly Example[] = [
  [['serve', '--mode', 'blocking'], 'a thread for each connection'],
  [['serve', '--detail', 'calls'], 'show every system call too'],
  [['serve', '--pace', '200ms'], 'slow enough to follow'],
  [['serve', '--step'], 'call by call, as you press a key'],
  [['serve', '--host', '0.0.0.0'], 'let a class connect'],
];

/** The flags that have an effect in some modes only, in the order of --help. */
const OF_SOME_MODES = [
  ...inModes(
    ['blocking'],
    numberOption(
      '--max-threads',
      'blocking: most connection threads at once (default: what this machine allows)',
      1,
      MOST_THREADS,
    ),
    numberOption('--spare-threads', 'blocking: idle threads to keep (default: all)', 0, MOST_THREADS),
    numberOption('--min-spare-threads', 'blocking: idle threads to keep ready (default: 0)', 0, MOST_THREADS),
  ),
  ...inModes(
    ['pool'],
    numberOption('--threads', `pool: number of threads (default: ${POOL.threads})`, 1, MOST_THREADS),
    numberOption(
      '--queue-limit',
      `pool: most connections waiting for a thread (default: ${POOL.queueLimit})`,
      0,
      100_000,
    ),
    choice('--queue-order <order>', 'pool: which one is next (default: fifo)', QUEUE_ORDERS),
    choice('--when-full <what>', 'pool: what more clients do (default: wait)', WHEN_FULL),
  ),
  ...inModes(
    ['processes'],
    numberOption('--max-processes', `processes: most at once (default: ${PROCESSES.most})`, 1, 1_000),
    numberOption('--prefork', 'processes: number of them, started first; each accepts', 1, 1_000),
  ),
  ...inModes(
    ['evented', 'async'],
    choice('--poller <name>', 'evented, async: how the loop waits (default: epoll)', POLLERS),
  ),
  ...inModes(
    ['evented'],
    numberOption('--loops', 'evented: loops, a thread each', 1, MOST_LOOPS_OR_WORKERS),
    choice('--share <what>', 'evented, with --loops: one listener for all of them', ['listener']),
    numberOption('--workers', 'evented: threads that do what /compute asks for', 1, MOST_LOOPS_OR_WORKERS),
  ),
  ...inModes(
    ['evented', 'async'],
    new Option('--edge-triggered', 'evented, async: report only changes of readiness (EPOLLET)'),
  ),
];

function inModes(modes: readonly Mode[], ...flags: readonly Option[]) {
  return flags.map((flag) => ({ flag, modes }));
}

/** The flags that a mystery decides. */
const DECIDED_BY_MYSTERY = [
  'mode',
  'engine',
  'keepOpen',
  'keepAlive',
  ...OF_SOME_MODES.map(({ flag }) => flag.attributeName()),
];

export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('run one server and show every connection, live')
    .description("run one server and show every connection's 4-tuple and lifecycle, live")
    .addOption(choice('--mode <model>', 'how to serve connections', MODES).default('evented'))
    .addOption(
      option('--host <address>', 'address to listen on; 0.0.0.0 lets other machines connect', host).default(
        '127.0.0.1',
      ),
    )
    .addOption(numberOption('--port', 'port to listen on; 0 takes a free one', 0, 65_535).default(8080))
    .option('--keep-open', 'never close a connection after the reply')
    .option('--keep-alive', 'answer more requests on the same connection')
    .optionsGroup('What is shown:')
    .addOption(
      choice('--detail <level>', 'which events to show (default: lifecycle; with --step: calls)', [
        'lifecycle',
        'calls',
        'none',
      ]),
    )
    .addOption(
      option(
        '--pace <ms|factor>',
        'slow the server down: pause before each step, such as 200ms, or take longer by a factor, such as 1000x',
        pace,
      ),
    )
    .addOption(formatOption('ndjson'))
    .addOption(
      new Option(
        '--board',
        'show one picture, updated in place; keys freeze it and go back in time',
      ).conflicts('format'),
    )
    .addOption(
      new Option('--step', 'as --board, and each thread stops before each step; a key lets it go on')
        .conflicts('format')
        .implies({ board: true }),
    )
    .addOption(pageOption())
    .option('--record <file>', 'also write every event to a new file, as NDJSON; .gz compresses it')
    .optionsGroup('Find the fault:')
    .addOption(
      option(
        '--mystery <number>',
        'a server with a hidden fault; `mystery` judges what you find',
        mysteryNumber,
      ).conflicts(DECIDED_BY_MYSTERY),
    )
    .addOption(option('--seed <word>', 'with --mystery: a word that gives each group another fault', seed))
    .optionsGroup('For some modes only:');
  for (const { flag } of OF_SOME_MODES) command.addOption(flag);
  return command
    .optionsGroup('Limits for clients:')
    .addOption(
      option(
        '--timeout <seconds>',
        `sets the three timeouts below; 0 disables them. ${defaultText('timeout')} 0 with --pace and --step.`,
        seconds,
      ),
    )
    .addOption(option('--head-timeout <seconds>', 'longest wait for a complete request head', seconds))
    .addOption(
      option('--idle-timeout <seconds>', 'longest wait for the next request on a connection', seconds),
    )
    .addOption(option('--send-timeout <seconds>', 'give up on a client that stops reading', seconds))
    .addOption(
      option('--max-head <bytes>', 'largest request head', wholeNumber(256, 1_048_576)).default(16_384),
    )
    .addOption(
      numberOption(
        '--max-connections',
        `most connections at once. ${defaultText('maxConnections')}`,
        1,
        1_000_000,
      ),
    )
    .addOption(
      numberOption(
        '--max-ms',
        `most milliseconds for /sleep and /compute. ${defaultText('maxMs')}`,
        0,
        3_600_000,
      ),
    )
    .addOption(numberOption('--max-bytes', `most bytes for /bytes. ${defaultText('maxBytes')}`, 0, 1e12))
    .optionsGroup('Rarely needed:')
    .addOption(numberOption('--backlog', 'most connections waiting for accept', 0, 1_000_000).default(511))
    .option('--until-eof', 'also stop when standard input closes')
    .addOption(new Option('--steered').hideHelp()) // of compare --board and --page
    .addOption(
      choice(
        '--engine <name>',
        'what the server is built on; portable (node:net) only without Linux',
        ENGINES,
      ),
    )
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (given: ServeFlags) => {
      const { serve } = await import('./run.js');
      const { flags, hidden } = await withMystery(given);
      process.exitCode = await serve({ ...(await serveOptions(flags)), ...hidden }, flags);
    });
}

async function serveOptions(flags: ServeFlags): Promise<ServeOptions> {
  refuseFlagsOfOtherModes(flags);
  refuseTogether(flags);
  if (flags.board) refuseBoardWithoutTerminal(flags.step ? '--step' : '--board');
  const engine = chooseEngine(flags);
  const address = await numericAddress(flags.host);
  const { maxThreads = defaultMaxThreads(), spareThreads = maxThreads, minSpareThreads = 0 } = flags;
  refuseMoreThan(minSpareThreads, '--max-threads', maxThreads);
  refuseMoreThan(minSpareThreads, '--spare-threads', spareThreads);
  return {
    mode: flags.mode,
    engine,
    address,
    port: flags.port,
    backlog: flags.backlog,
    keepOpen: flags.keepOpen ?? false,
    keepAlive: flags.keepAlive ?? false,
    maxThreads,
    spareThreads,
    minSpareThreads,
    pool: {
      threads: flags.threads ?? POOL.threads,
      queueLimit: flags.queueLimit ?? POOL.queueLimit,
      queueOrder: flags.queueOrder ?? POOL.queueOrder,
      whenFull: flags.whenFull ?? POOL.whenFull,
    },
    processes: {
      most: flags.maxProcesses ?? PROCESSES.most,
      prefork: flags.prefork ?? PROCESSES.prefork,
    },
    poller: flags.poller ?? 'epoll',
    edgeTriggered: flags.edgeTriggered ?? false,
    loops: flags.loops ?? 1,
    ...(flags.share && { share: flags.share }),
    workers: flags.workers ?? 0,
    limits: limitsOf(flags, address),
    detail: flags.detail ?? (flags.step ? 'calls' : 'lifecycle'),
    ...(flags.pace && { pace: flags.pace }),
    // libuv makes the calls of the portable engine: there is no place for a pause.
    ...((flags.board || flags.page !== undefined || flags.steered) && engine === 'system-calls'
      ? { steered: flags.step ? 'step' : 'pace' }
      : {}),
  };
}

function refuseMoreThan(minSpareThreads: number, flag: string, most: number): void {
  if (minSpareThreads <= most) return;
  throw new CliError(
    `--min-spare-threads ${minSpareThreads} is more than ${flag} ${most} allows. Raise ${flag}, or ask for fewer.`,
    WRONG_USAGE,
  );
}

function refuseFlagsOfOtherModes(flags: ServeFlags): void {
  for (const { flag, modes } of OF_SOME_MODES) {
    const isGiven = flags[flag.attributeName() as keyof ServeFlags] !== undefined;
    if (!isGiven || modes.includes(flags.mode)) continue;
    throw new CliError(
      `${flag.long} has no effect with --mode ${flags.mode}. Leave it out, or use --mode ${modes.join(' or ')}.`,
      WRONG_USAGE,
    );
  }
}

function refuseTogether(flags: ServeFlags): void {
  const { edgeTriggered, poller = 'epoll', loops = 1, share, workers = 0 } = flags;
  const refuse = (sentence: string): never => {
    throw new CliError(sentence, WRONG_USAGE);
  };
  if (edgeTriggered && poller !== 'epoll')
    refuse(`--edge-triggered needs epoll. Leave it out, or leave out --poller ${poller}.`);
  if (share !== undefined && loops === 1)
    refuse('--share listener needs several loops. Use it with --loops 2 or more.');
  if (workers > 0 && loops > 1) refuse('--workers works for one loop. Leave out --loops or --workers.');
  if (flags.prefork !== undefined && flags.maxProcesses !== undefined)
    refuse('--max-processes has no effect with --prefork. Leave one of them out.');
  if (flags.step && flags.detail === 'none') refuse('--step shows events. Leave --detail none out.');
}

/** Those that node:net has no place for. */
const OF_SYSTEM_CALLS = ['poller', 'edgeTriggered', 'loops', 'share', 'workers'] as const;

function chooseEngine(flags: ServeFlags): Engine {
  const { engine, mode, detail, pace: slowed, step, mystery } = flags;
  const missing = systemCallsUnavailable();
  const chosen = engine ?? (missing === undefined ? 'system-calls' : 'portable');
  if (chosen === 'system-calls' && missing !== undefined) {
    throw new CliError(`--engine system-calls ${missing}. Leave --engine out to use the portable engine.`);
  }
  if (chosen === 'portable') {
    const [why, status] =
      missing === undefined
        ? ['--engine portable makes none', WRONG_USAGE]
        : [`the engine that makes them ${missing}`, FAILED];
    const refuse = (flag: string, remedy: string): never => {
      throw new CliError(`${flag} needs system calls, and ${why}. ${remedy}.`, status);
    };
    if (mystery !== undefined) refuse('--mystery', 'Leave it out');
    if (mode !== 'evented') refuse(`--mode ${mode}`, 'Use --mode evented');
    if (detail === 'calls') refuse('--detail calls', 'Use --detail lifecycle');
    if (slowed !== undefined) refuse('--pace', 'Leave it out');
    if (step) refuse('--step', 'Use --board');
    for (const name of OF_SYSTEM_CALLS) if (flags[name] !== undefined) refuse(flagOf(name), 'Leave it out');
  }
  return chosen;
}

async function numericAddress(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch {
    throw new CliError(
      `No address is known for --host ${JSON.stringify(host)}. Use an address or a name of this machine, such as 127.0.0.1.`,
    );
  }
}
