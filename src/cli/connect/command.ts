// `evented-demo connect`: its flags, and what each client does because of them.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import type { SourceAddress } from '../../clients/client.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { type Example, examplesHelp } from '../examples.js';
import { formatOption, host, numberOption, numberUpTo, option, wholeNumber } from '../option-values.js';
import type { ConnectFlags, ConnectPlan } from './flags.js';

const MOST_CLIENTS = 100_000;
const LAST_PORT = 65_535;

const EXAMPLES: readonly Example[] = [
  [['connect', '--count', '10'], 'ten clients at once'],
  [['connect', '--silent'], 'send nothing'],
  [['connect', '--slow', '200'], 'a byte every 200 ms'],
  [['connect', '--from', '127.0.0.2:50000'], 'choose the source'],
];

export function connectCommand(): Command {
  const milliseconds = (flag: string, text: string, least = 1): Option =>
    option(`${flag} <ms>`, text, wholeNumber(least, 3_600_000));
  return new Command('connect')
    .summary('run one or more clients and show their side')
    .description('run one or more clients and show their side: 4-tuples, TCP states, replies')
    .addOption(option('--host <address>', "the server's address or name", host).default('127.0.0.1'))
    .addOption(numberOption('--port', "the server's port", 1, LAST_PORT).default(8080))
    .addOption(numberOption('--count', 'number of clients', 1, MOST_CLIENTS).default(1))
    .addOption(milliseconds('--every', 'time between the starts of two clients', 0).default(0))
    .addOption(
      option('--from <address[:port]>', 'source address; further clients take the next ports', source),
    )
    .addOption(option('--path <path>', 'path to request (default: "/")', path))
    .addOption(
      numberOption('--requests', 'requests of each client, on one connection (default: 1)', 1, 1_000_000),
    )
    .addOption(
      option(
        '--timeout <seconds>',
        'longest wait for the connection, and for each complete reply; 0 disables it (default: 0)',
        numberUpTo(86_400),
      ),
    )
    .addOption(formatOption('ndjson'))
    .optionsGroup('Clients that misbehave:')
    .addOption(
      new Option('--silent', 'send nothing; wait until the server closes or Ctrl-C').conflicts([
        'path',
        'requests',
        'slow',
        'slowRead',
      ]),
    )
    .addOption(milliseconds('--slow', 'time between two bytes of a request'))
    .addOption(milliseconds('--slow-read', 'time between two reads of 64 KiB'))
    .option('--hold', 'never close before Ctrl-C, even when the server closes')
    .option('--reset', 'end with a reset (RST) instead of a close (FIN)')
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (flags: ConnectFlags) => {
      const { connect } = await import('./run.js');
      process.exitCode = await connect(await planOf(flags), flags.format);
    });
}

const source = {
  use: 'an address, or address:port as in 127.0.0.2:50000 and [::1]:50000',
  read: (text: string): SourceAddress | undefined => {
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
  const [first, ...others] = await numericAddresses(flags.host, from);
  return {
    candidates: [{ address: first, port }, ...others.map((address) => ({ address, port }))],
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
    `--from gives each client the next port, and from ${from.port} on there are too few for ${count} clients. Use port ${LAST_PORT - count + 1} or lower.`,
    WRONG_USAGE,
  );
}

/** In the order in which to try them. */
async function numericAddresses(
  host: string,
  from: SourceAddress | undefined,
): Promise<[string, ...string[]]> {
  const family = from === undefined ? 0 : isIP(from.address);
  const found = await lookup(host, { family, all: true }).catch(() => []);
  const [address, ...others] = found.map((each) => each.address);
  if (address === undefined)
    throw new CliError(
      `No address is known for --host ${JSON.stringify(host)}. Use the server's address or name, such as 127.0.0.1.`,
    );
  if (family !== 0 && isIP(address) !== family)
    throw new CliError(
      `--from ${from?.address} can't reach ${address}: one is IPv4, the other IPv6. Use IPv${isIP(address)} for both.`,
      WRONG_USAGE,
    );
  return [address, ...others];
}
