// Finds the server, looks at it once or again and again, and shows what it has seen.

import type { ChalkInstance } from 'chalk';
import { AlternateScreen } from '../../inspect/alternate-screen.js';
import { type FoundServer, findServers, serveArguments } from '../../inspect/find-servers.js';
import { lookAsJson } from '../../inspect/json.js';
import { type Snapshot, takeSnapshot } from '../../inspect/snapshot.js';
import { SnapshotView } from '../../inspect/snapshot-view.js';
import { addressAndPort } from '../../net/address.js';
import { processName } from '../../net/socket-holders.js';
import { listeners } from '../../net/tcp-table.js';
import { whoListens } from '../../net/who-listens.js';
import { procUnavailable } from '../../posix/platform.js';
import { listProc } from '../../posix/proc.js';
import { colours } from '../../terminal/colours.js';
import { commandLine } from '../../terminal/command-line.js';
import { canMoveCursor, columnsOf, terminalSize } from '../../terminal/terminal.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';
import { serveCommand } from '../serve/command.js';
import type { ServeFlags } from '../serve/flags.js';
import { onSignals } from '../signals.js';
import type { InspectFlags } from './flags.js';

/** Gives the exit status. */
export async function inspect(flags: InspectFlags): Promise<number> {
  const missing = procUnavailable();
  if (missing !== undefined) throw new CliError(`inspect ${missing}. Run it where the server runs on Linux.`);
  const server = choose(findServers(flagsOf), flags);
  const closed = new Promise<void>((resolve) => process.stdout.on('error', () => resolve())); // as `| head` does
  const chalk = colours();
  if (flags.watch !== undefined) {
    const inOnePlace = canMoveCursor(process.stdout, process.env);
    const pretty = inOnePlace ? inPlace(chalk, flags.watch) : snapshots(chalk);
    return watch(server, flags.watch, flags.format === 'json' ? jsonLines : pretty, closed);
  }
  const look = takeSnapshot(server);
  if (look === undefined) throw new CliError(`${hasEnded(server)} Start it again.`);
  const text =
    flags.format === 'json'
      ? lookAsJson(look, 2)
      : new SnapshotView(chalk).lines(look, width(), undefined).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Read by the same definitions as the server's own. Undefined for a server of another version of this program. */
function flagsOf(args: readonly string[]): ServeFlags | undefined {
  try {
    const command = serveCommand()
      .exitOverride()
      .configureOutput({ outputError: () => {} });
    command.parseOptions([...args]);
    return command.opts<ServeFlags>();
  } catch {
    return undefined;
  }
}

function choose(servers: readonly FoundServer[], { port, pid }: InspectFlags): FoundServer {
  const [server, ...others] = servers.filter(
    (each) => (port === undefined || each.port === port) && (pid === undefined || each.pid === pid),
  );
  if (server !== undefined && others.length === 0) return server;
  if (server !== undefined)
    throw new CliError(
      `${others.length + 1} servers are running: ${list([server, ...others])}. Choose one with --port or --pid.`,
    );
  if (pid !== undefined) throw new CliError(`${whatIs(pid)} ${nextStep(servers)}`);
  if (port !== undefined) throw new CliError(`${whoIsOn(port)} ${nextStep(servers, port)}`);
  throw new CliError(`No server of evented-demo is running. ${nextStep(servers)}`);
}

function nextStep(servers: readonly FoundServer[], port?: number): string {
  if (servers.length > 0) return `These servers are running: ${list(servers)}.`;
  const isFree = port !== undefined && !listeners().some(({ local }) => local.port === port);
  return `Start one with \`${commandLine('serve', ...(isFree ? ['--port', String(port)] : []))}\`.`;
}

function list(servers: readonly FoundServer[]): string {
  return servers.map((server) => `pid ${server.pid} ${server.mode} ${addressAndPort(server)}`).join(', ');
}

function whatIs(pid: number): string {
  if (listProc(`/proc/${pid}/task`).length === 0) return `There is no process ${pid}.`;
  return serveArguments(pid) === undefined
    ? `Process ${pid} is ${processName(pid)}, not a server of evented-demo.`
    : `Process ${pid} is evented-demo serve, but it does not listen.`;
}

function whoIsOn(port: number): string {
  const who = whoListens(port);
  if (who !== undefined) return `${who} listens on port ${port}: it is not a server of evented-demo.`;
  const listener = listeners().find(({ local }) => local.port === port);
  return listener === undefined
    ? `Nobody listens on port ${port}.`
    : `A process of user ${listener.uid} listens on port ${port}, and only that user can inspect it.`;
}

const hasEnded = ({ pid }: FoundServer): string => `The server, pid ${pid}, has ended.`;

/** Shows one look after the other. */
interface SnapshotScreen {
  show(look: Snapshot): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** Until the server ends, a signal comes, or nobody reads any longer; each is status 0. */
async function watch(
  server: FoundServer,
  seconds: number,
  view: SnapshotScreen,
  closed: Promise<void>,
): Promise<number> {
  let over = false;
  let wake = (): void => {};
  const end = (): void => {
    over = true;
    wake();
  };
  const again = (): void => wake();
  const pause = (): void => {
    view.close();
    process.kill(process.pid, 'SIGSTOP');
  };
  closed.then(end);
  onSignals(end);
  process.on('SIGTSTP', pause).on('SIGCONT', again);
  process.stdout.on('resize', again);
  try {
    while (!over) {
      const look = takeSnapshot(server);
      if (look === undefined) break;
      view.show(look);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    view.close(); // before anything is printed
  }
  if (!over) printError(hasEnded(server));
  process.stdout.off('resize', again);
  process.off('SIGTSTP', pause).off('SIGCONT', again);
  return 0;
}

const jsonLines: SnapshotScreen = {
  show: (look) => process.stdout.write(`${lookAsJson(look)}\n`),
  close: () => {},
};

function snapshots(chalk: ChalkInstance): SnapshotScreen {
  const page = new SnapshotView(chalk);
  let first = true;
  return {
    show: (look) => {
      process.stdout.write(
        `${first ? '' : '\n'}${page.lines(look, width(), undefined, clock(look)).join('\n')}\n`,
      );
      first = false;
    },
    close: () => {},
  };
}

function inPlace(chalk: ChalkInstance, seconds: number): SnapshotScreen {
  const page = new SnapshotView(chalk);
  const screen = new AlternateScreen();
  return {
    show: (look) => {
      const legend = `${clock(look)}, every ${seconds} s: + new, ~ changed, - gone; Ctrl-C stops`;
      screen.draw(page.lines(look, width(), terminalSize(process.stdout)?.rows, legend));
    },
    close: () => screen.leave(),
  };
}

const clock = ({ at }: Snapshot): string => at.toTimeString().slice(0, 8);
/** Of the terminal. In a pipe COLUMNS decides, as for ps. */
const width = (): number | undefined => terminalSize(process.stdout)?.columns ?? columnsOf(process.env);
