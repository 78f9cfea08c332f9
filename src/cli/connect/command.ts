// `evented-demo connect`: its flags, and what they make of each client.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import type { ClientGroup } from '../../clients/client-run.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { host, numberUpTo, option, wholeNumber } from '../option-values.js';
import type { ConnectFlags, ConnectPlan } from './flags.js';

const MOST_CLIENTS = 100_000;
const LAST_PORT = 65_535;

type Source = NonNullable<ClientGroup['from']>;

export function connectCommand(): Command {
  const milliseconds = (flag: string, text: string, least = 1): Option =>
    option(`${flag} <ms>`, text, wholeNumber(least, 3_600_000));
  const number = (flag: string, text: string, least: number, most: number): Option =>
    option(`${flag} <number>`, text, wholeNumber(least, most));
  return new Command('connect')
    .summary('run one or more clients and show their side')
    .description("be the server's clients, and tell their own side of it: 4-tuples, TCP states, replies")
    .addOption(option('--host <address>', "the server's", host).default('127.0.0.1'))
    .addOption(number('--port', "the server's", 1, LAST_PORT).default(8080))
    .addOption(number('--count', 'how many clients', 1, MOST_CLIENTS).default(1))
    .addOption(milliseconds('--every', 'from the start of one to the start of the next', 0).default(0))
    .addOption(
      option('--from <address[:port]>', 'where they come from; the port counts up with --count', source),
    )
    .addOption(option('--path <path>', 'what each asks for (default: "/")', path))
    .addOption(number('--requests', 'of each, over one connection (default: 1)', 1, 1_000_000))
    .addOption(
      new Option('--silent', 'say nothing, until the server closes or Ctrl-C').conflicts([
        'path',
        'requests',
        'slow',
        'slowRead',
      ]),
    )
    .addOption(milliseconds('--slow', 'between one byte of a request and the next'))
    .addOption(milliseconds('--slow-read', 'between one read, of 64 KiB, and the next'))
    .option('--hold', 'never close first, nor when the server does: until Ctrl-C')
    .option('--reset', 'end with a reset (RST) where there would be a close (FIN)')
    .addOption(
      option(
        '--timeout <seconds>',
        'to be connected, and for each whole reply (default: for ever)',
        numberUpTo(86_400),
      ),
    )
    .addOption(new Option('--format <name>', 'output format').choices(['pretty', 'ndjson']).default('pretty'))
    .action(async (flags: ConnectFlags) => {
      const { connect } = await import('./run.js');
      process.exitCode = await connect(await planOf(flags), flags.format);
    });
}

const source = {
  use: 'an address, or address:port as in 127.0.0.2:50000 and [::1]:50000',
  read: (text: string): Source | undefined => {
    if (isIP(text) !== 0) return { address: text };
    const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
    const address = v6 ?? v4 ?? '';
    const port = Number(digits);
    if (isIP(address) !== (v6 === undefined ? 4 : 6) || port < 1 || port > LAST_PORT) return undefined;
    return { address, port };
  },
};

const path = {
  use: 'a path that begins with / and has no blanks, as in /sleep?ms=1000',
  read: (text: string) => (/^\/[\x21-\x7e]{0,8000}$/.test(text) ? text : undefined),
};

async function planOf(flags: ConnectFlags): Promise<ConnectPlan> {
  const { port, count, every, from, slow, slowRead, timeout } = flags;
  refuseTooFewPorts(flags);
  const [address, ...others] = await numericAddresses(flags.host, from);
  return {
    where: { address, port },
    others,
    group: { count, everyMs: every, ...(from && { from }) },
    script: {
      target: flags.path ?? '/',
      requests: flags.silent ? 0 : (flags.requests ?? 1),
      ...(slow && { sendEveryMs: slow }),
      ...(slowRead && { readEveryMs: slowRead }),
      hold: flags.hold ?? false,
      reset: flags.reset ?? false,
      patienceMs: timeout ? timeout * 1e3 : Number.POSITIVE_INFINITY,
    },
  };
}

function refuseTooFewPorts({ from, count }: ConnectFlags): void {
  if (from?.port === undefined || from.port + count - 1 <= LAST_PORT) return;
  throw new CliError(
    `--from counts its port up, and from ${from.port} there are too few ports for ${count} clients. Use ${LAST_PORT - count + 1} or a lower one.`,
    WRONG_USAGE,
  );
}

/** In the order in which they are to be tried. */
async function numericAddresses(host: string, from: Source | undefined): Promise<[string, ...string[]]> {
  const family = from === undefined ? 0 : isIP(from.address);
  const found = await lookup(host, { family, all: true }).catch(() => []);
  const [address, ...others] = found.map((each) => each.address);
  if (address === undefined)
    throw new CliError(
      `There is no address for --host ${JSON.stringify(host)}. Use the server's address or name, such as 127.0.0.1.`,
    );
  if (family !== 0 && isIP(address) !== family)
    throw new CliError(
      `--from ${from?.address} can't reach ${address}: one is IPv4, the other IPv6. Use IPv${isIP(address)} for both.`,
      WRONG_USAGE,
    );
  return [address, ...others];
}
