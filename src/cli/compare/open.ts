// `compare open`: the servers of several models, side by side, for everyone who connects. No clients of our own, no end.

import { Client } from '../../clients/client.js';
import { aborted } from '../../compare/aborted.js';
import { type Observer, together } from '../../compare/observer.js';
import type { OtherCommand } from '../../compare/other-server.js';
import type { ServerRecord } from '../../compare/server-record.js';
import { modelStarters, otherStarters, type RunningServers, withServers } from '../../compare/servers.js';
import { nowUs } from '../../lifecycle/clock.js';
import { formatPace, type ModelName } from '../../models/options.js';
import { isAny, urlOf } from '../../net/address.js';
import { colours } from '../../terminal/colours.js';
import { urlsForOthers } from '../../terminal/invitation.js';
import { count, countServants } from '../../terminal/quantities.js';
import { whatHappened } from '../../terminal/words.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { beginRun } from './command-run.js';
import type { CompareFlags } from './flags.js';
import { type ComparePage, openComparePage } from './page.js';
import { recordComparison } from './recording.js';
import { steeredBy, watched } from './watched.js';
import { namesOf } from './with.js';

const FIRST_PORT = 8080;
/** What the buttons of the page request. */
const TARGETS = ['/', '/sleep?ms=1000', '/compute?ms=500'];
/** For a reply to a button, in milliseconds: an iterative server may have others to serve first. */
const PATIENCE_MS = 60_000;
/** A client that comes after such a pause, in microseconds, begins a step. */
const PAUSE_US = 1_000_000;
/** How long the introduction may take to be written before the board takes the screen, in milliseconds. */
const FLUSH_MS = 1000;

/** Gives the exit status. */
export async function openModels(
  modes: readonly ModelName[],
  others: readonly OtherCommand[],
  flags: CompareFlags,
): Promise<number> {
  refuseFlagsOfScenarios(flags);
  const { host = '127.0.0.1', port = FIRST_PORT, pace } = flags;
  const commandRun = beginRun('servers');
  const { output, until, end } = commandRun;
  output.write(introduction(modes, others, host, port), 1);
  const names = namesOf(modes, others);
  const visitors = new Visitors(host);
  const recorder = flags.record === undefined ? undefined : recordComparison(flags.record, 'open', '', names);
  const steered = steeredBy(flags);
  const page: ComparePage | undefined =
    flags.page === undefined
      ? undefined
      : await openComparePage(flags.page, 'open', names, steered, visitors.buttons);
  if (flags.board) await output.flush(FLUSH_MS);
  const serve = [
    `--host=${host}`,
    ...(pace === undefined ? [] : [`--pace=${formatPace(pace)}`]),
    ...(steered === undefined ? [] : ['--steered']),
  ];
  const options = { starters: [...modelStarters(modes, port, serve), ...otherStarters(others)], steered };
  const watching = { name: 'open', modes: names, flags, page, recorder, steered };
  const { stories } = await watched(watching, commandRun, (observer) =>
    withServers(options, visitors.inSteps(observer), until, async (running) => {
      visitors.servers = running;
      await Promise.race([aborted(until), Promise.all(running.servers.map(({ ended }) => ended))]);
    }),
  );
  // The lines have said already which one failed; the board's are gone.
  output.write(totalsOf(flags.board ? stories : stories.filter(({ failure }) => failure === undefined)), 1);
  await page?.close();
  const recorded = (await recorder?.close()) ?? true;
  return end(!recorded || stories.some(({ failure }) => failure !== undefined));
}

/** Those who connect, as steps: a client that comes after a pause begins one, and so does a button of the page. */
class Visitors {
  readonly #host: string;
  /** Undefined until they listen. */
  servers: RunningServers | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(host: string) {
    this.#host = isAny(host) ? '127.0.0.1' : host;
  }

  readonly buttons = {
    targets: TARGETS,
    send: async (target: string): Promise<void> => {
      if (this.servers === undefined) return;
      const { stories, zeroUs, addStep } = this.servers;
      addStep({ at: Math.round(nowUs() - zeroUs), text: `the page sends GET ${target} to every server` });
      const ports = stories.map(({ port }) => port).filter((port) => port > 0);
      await Promise.all(ports.map((port) => this.#ask(port, target)));
    },
  };

  async #ask(port: number, target: string): Promise<void> {
    const client = new Client({ address: this.#host, port }, { patienceMs: PATIENCE_MS });
    await client.ask(target);
    await client.close();
  }

  /** Passes on what it is told, and adds the steps. */
  inSteps(observer: Observer): Observer {
    return {
      ...together([observer]),
      onStep: (step) => {
        this.#lastAt = step.at;
        observer.onStep?.(step);
      },
      onEvent: (mode, event) => {
        const comes = event.event === 'accepted' && event.at >= 0; // who came before all listened began no step
        if (comes && event.at - this.#lastAt > PAUSE_US)
          observer.onStep?.({ at: event.at, text: `${mode}: ${whatHappened(event, true)}` });
        if (comes || Number.isFinite(this.#lastAt)) this.#lastAt = event.at;
        observer.onEvent?.(mode, event);
      },
    };
  }
}

function introduction(
  modes: readonly ModelName[],
  others: readonly OtherCommand[],
  host: string,
  port: number,
): string {
  const chalk = colours();
  const lines = [
    chalk.bold(`evented-demo, compare open: ${namesOf(modes, others).join(', ')}`),
    'Connect with curl, a browser or a phone: everyone is shown. Ctrl-C ends it.',
    ...(port === 0 ? [] : modes.map((mode, i) => `${mode.padEnd(12)}${urlFor(host, port + i)}`)),
    ...others.map((each) => `${each.name.padEnd(12)}${urlFor('127.0.0.1', each.port)}`),
    chalk.dim('Times are in seconds since all servers listened.'),
  ];
  return `${lines.join('\n')}\n`;
}

/** What others can open, or this machine where others cannot. */
const urlFor = (host: string, port: number): string =>
  urlsForOthers(host, port)[0] ?? urlOf({ address: isAny(host) ? '127.0.0.1' : host, port });

function totalsOf(stories: readonly ServerRecord[]): string {
  const lines = stories.map(({ mode, stopped, failure }) => {
    if (stopped === undefined) return `${mode}: ${failure ?? 'did not run.'}`;
    const { connections, requests, peakConnections, peakThreads } = stopped;
    return `${mode}: ${count(connections, 'connection')}, ${count(requests, 'request')}; at most ${count(peakConnections, 'connection')} at once, on ${countServants(mode, peakThreads)}`;
  });
  return `\n${lines.join('\n')}\n`;
}

/** Only a scenario has clients, a question, figures and an end. */
function refuseFlagsOfScenarios({ connections, ask, quiet, json, report }: CompareFlags): void {
  const given = {
    '--connections': connections,
    '--ask': ask,
    '--quiet': quiet,
    '--json': json,
    '--report': report,
  };
  for (const [flag, value] of Object.entries(given))
    if (value !== undefined)
      throw new CliError(`${flag} is for scenarios, and compare open plays none. Leave it out.`, WRONG_USAGE);
}
