// `evented-demo serve`: its flags, and the server options that they make.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import { defaultMaxThreads } from '../../models/blocking/max-threads.js';
import {
  ENGINES,
  type Engine,
  type Limits,
  MODES,
  type Mode,
  POLLERS,
  type ServeOptions,
} from '../../models/options.js';
import { isLoopback } from '../../net/address.js';
import { systemCallsUnavailable } from '../../posix/platform.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { host, numberUpTo, option, pace, wholeNumber } from '../option-values.js';
import type { ServeFlags } from './flags.js';

const MOST_THREADS = 10_000;
const MOST_LOOPS = 64;
const MOST_WORKERS = 64;

/** Defaults for what a client may cost: here only its owner asks, and a whole room, where it is open to others. */
const ALONE = { timeout: 60, maxConnections: 16_384, maxMs: 10_000, maxBytes: 100_000_000 };
const OPEN = { timeout: 15, maxConnections: 1000, maxMs: 1000, maxBytes: 10_000_000 };
const seconds = numberUpTo(86_400);

const defaults = (name: keyof typeof ALONE): string =>
  `(default: ${ALONE[name]}, open to others ${OPEN[name]})`;

export function serveCommand(): Command {
  return new Command('serve')
    .summary('run one server and show every connection, live')
    .description("run one server and tell every connection's 4-tuple and lifecycle, live")
    .addOption(new Option('--mode <model>', 'the model').choices(MODES).default('evented'))
    .addOption(
      option('--host <address>', 'the address to listen on; 0.0.0.0 lets other machines in', host).default(
        '127.0.0.1',
      ),
    )
    .addOption(
      option('--port <number>', 'the port; 0 takes a free one', wholeNumber(0, 65_535)).default(8080),
    )
    .addOption(
      option('--backlog <number>', 'connections that wait for accept', wholeNumber(0, 1_000_000)).default(
        511,
      ),
    )
    .option('--keep-open', 'never close a connection after the reply')
    .option('--keep-alive', 'answer further requests on the same connection')
    .optionsGroup('In one mode only:')
    .addOption(
      option('--max-threads <number>', 'blocking: connection threads at once', wholeNumber(1, MOST_THREADS)),
    )
    .addOption(
      option(
        '--spare-threads <number>',
        'blocking: idle threads that are kept',
        wholeNumber(0, MOST_THREADS),
      ),
    )
    .addOption(
      new Option('--poller <name>', 'evented, async: how the loop waits (default: epoll)').choices(POLLERS),
    )
    .addOption(option('--loops <number>', 'evented: loops, a thread each', wholeNumber(1, MOST_LOOPS)))
    .addOption(
      new Option('--share <what>', 'evented, with --loops: one listener for all of them').choices([
        'listener',
      ]),
    )
    .addOption(
      option(
        '--workers <number>',
        'evented: threads that do what /compute asks for',
        wholeNumber(1, MOST_WORKERS),
      ),
    )
    .option('--edge-triggered', 'evented, async: be told of changes only (EPOLLET)')
    .optionsGroup('Limits for clients:')
    .addOption(
      option(
        '--timeout <seconds>',
        `sets the next three; 0: never ${defaults('timeout')}, with --pace 0`,
        seconds,
      ),
    )
    .addOption(option('--head-timeout <seconds>', 'for a whole request head', seconds))
    .addOption(option('--idle-timeout <seconds>', 'for a next request on the same connection', seconds))
    .addOption(option('--send-timeout <seconds>', 'for a client that takes nothing of its reply', seconds))
    .addOption(option('--max-head <bytes>', 'a request head', wholeNumber(256, 1_048_576)).default(16_384))
    .addOption(
      option(
        '--max-connections <number>',
        `at once ${defaults('maxConnections')}`,
        wholeNumber(1, 1_000_000),
      ),
    )
    .addOption(
      option('--max-ms <number>', `/sleep and /compute ${defaults('maxMs')}`, wholeNumber(0, 3_600_000)),
    )
    .addOption(
      option('--max-bytes <number>', `/bytes ${defaults('maxBytes')}`, wholeNumber(0, 1_000_000_000_000)),
    )
    .optionsGroup('What is shown:')
    .addOption(
      new Option('--detail <level>', 'what is told')
        .choices(['lifecycle', 'calls', 'none'])
        .default('lifecycle'),
    )
    .addOption(
      option(
        '--pace <ms|factor>',
        'slowed down to be followed: a pause before each step; 200ms, 1000x',
        pace,
      ),
    )
    .addOption(new Option('--format <name>', 'output format').choices(['pretty', 'ndjson']).default('pretty'))
    .option('--record <file>', 'write every event to a new file, as NDJSON')
    .optionsGroup('How it runs:')
    .option('--until-eof', 'also stop when standard input closes')
    .addOption(new Option('--engine <name>', 'what it is built on').choices(ENGINES))
    .action(async (flags: ServeFlags) => {
      const { serve } = await import('./run.js');
      process.exitCode = await serve(await serveOptions(flags), flags);
    });
}

async function serveOptions(flags: ServeFlags): Promise<ServeOptions> {
  const { mode, port, backlog, detail, edgeTriggered } = flags;
  refuseFlagsOfOtherModes(flags);
  const poller = flags.poller ?? 'epoll';
  if (edgeTriggered && poller !== 'epoll')
    throw new CliError(
      `--edge-triggered needs epoll. Leave it out, or leave out --poller ${poller}.`,
      WRONG_USAGE,
    );
  const { loops = 1, share, workers = 0 } = flags;
  if (share !== undefined && loops === 1)
    throw new CliError('--share listener needs several loops. Use it with --loops 2 or more.', WRONG_USAGE);
  if (workers > 0 && loops > 1)
    throw new CliError('--workers works for one loop. Leave out --loops or --workers.', WRONG_USAGE);
  const engine = chooseEngine(flags);
  const address = await numericAddress(flags.host);
  const maxThreads = flags.maxThreads ?? defaultMaxThreads();
  return {
    mode,
    engine,
    address,
    port,
    backlog,
    keepOpen: flags.keepOpen ?? false,
    keepAlive: flags.keepAlive ?? false,
    maxThreads,
    spareThreads: flags.spareThreads ?? maxThreads,
    poller,
    edgeTriggered: edgeTriggered ?? false,
    loops,
    ...(share === undefined ? {} : { share }),
    workers,
    limits: limitsOf(flags, isLoopback(address) ? ALONE : OPEN),
    detail,
    ...(flags.pace === undefined ? {} : { pace: flags.pace }),
  };
}

/** The flags that do something in some modes only. */
const MODES_OF: { [name in keyof ServeFlags]?: [flag: string, modes: Mode[]] } = {
  maxThreads: ['--max-threads', ['blocking']],
  spareThreads: ['--spare-threads', ['blocking']],
  poller: ['--poller', ['evented', 'async']],
  edgeTriggered: ['--edge-triggered', ['evented', 'async']],
  loops: ['--loops', ['evented']],
  share: ['--share', ['evented']],
  workers: ['--workers', ['evented']],
};

function refuseFlagsOfOtherModes(flags: ServeFlags): void {
  for (const [name, [flag, modes]] of Object.entries(MODES_OF)) {
    if (flags[name as keyof ServeFlags] === undefined || modes.includes(flags.mode)) continue;
    throw new CliError(
      `${flag} has no effect with --mode ${flags.mode}. Leave it out, or use --mode ${modes.join(' or ')}.`,
      WRONG_USAGE,
    );
  }
}

function limitsOf(flags: ServeFlags, defaults: typeof ALONE): Limits {
  // A server that pauses can't tell a client's slowness from its own: unless it is told to, it waits for ever.
  const timeout = flags.timeout ?? (flags.pace === undefined ? defaults.timeout : 0);
  return {
    headTimeout: flags.headTimeout ?? timeout,
    idleTimeout: flags.idleTimeout ?? timeout,
    sendTimeout: flags.sendTimeout ?? timeout,
    maxHead: flags.maxHead,
    maxConnections: flags.maxConnections ?? defaults.maxConnections,
    maxMs: flags.maxMs ?? defaults.maxMs,
    maxBytes: flags.maxBytes ?? defaults.maxBytes,
  };
}

function chooseEngine({
  engine,
  mode,
  detail,
  poller,
  edgeTriggered,
  loops,
  share,
  workers,
  pace: slowed,
}: ServeFlags): Engine {
  const missing = systemCallsUnavailable();
  const chosen = engine ?? (missing === undefined ? 'system-calls' : 'portable');
  if (chosen === 'system-calls' && missing !== undefined) {
    throw new CliError(`--engine system-calls ${missing}. Leave --engine out to run the portable one.`);
  }
  if (chosen === 'portable') {
    const [why, status] =
      missing === undefined
        ? ['--engine portable has none of its own', WRONG_USAGE]
        : [`the engine that has them ${missing}`, FAILED];
    const refuse = (flag: string, remedy: string): never => {
      throw new CliError(`${flag} needs system calls, and ${why}. ${remedy}.`, status);
    };
    if (mode !== 'evented') refuse(`--mode ${mode}`, 'Use --mode evented');
    if (detail === 'calls') refuse('--detail calls', 'Use --detail lifecycle');
    if (slowed !== undefined) refuse('--pace', 'Leave it out'); // libuv makes the calls: no place for a pause
    if (poller !== undefined) refuse('--poller', 'Leave it out');
    if (edgeTriggered) refuse('--edge-triggered', 'Leave it out');
    if (loops !== undefined) refuse('--loops', 'Leave it out');
    if (share !== undefined) refuse('--share', 'Leave it out');
    if (workers !== undefined) refuse('--workers', 'Leave it out');
  }
  return chosen;
}

async function numericAddress(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch {
    throw new CliError(
      `There is no address for --host ${JSON.stringify(host)}. Use an address or a name of this machine, such as 127.0.0.1.`,
    );
  }
}
