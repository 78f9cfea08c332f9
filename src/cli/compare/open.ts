// `compare open`: the servers of several models, side by side, for everyone who connects. No clients of our own, no end.

import { Client } from '../../clients/client.js';
import { aborted } from '../../compare/aborted.js';
import type { Observer } from '../../compare/observer.js';
import type { ServerRecord } from '../../compare/server-record.js';
import { withServers } from '../../compare/servers.js';
import { nowUs } from '../../lifecycle/clock.js';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { formatPace, type Mode } from '../../models/options.js';
import { isAny, urlOf } from '../../net/address.js';
import { colours } from '../../terminal/colours.js';
import { urlsForOthers } from '../../terminal/invitation.js';
import { count } from '../../terminal/quantities.js';
import { whatHappened } from '../../terminal/words.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import type { CompareFlags } from './flags.js';
import { beginMeasurement } from './measurement.js';
import { type ComparePage, openComparePage } from './page.js';
import { watched } from './watched.js';

const FIRST_PORT = 8080;
/** What the buttons of the page request. */
const TARGETS = ['/', '/sleep?ms=1000', '/compute?ms=500'];
/** For a reply to a button, in milliseconds: an iterative server may have others to serve first. */
const PATIENCE_MS = 60_000;
/** A client that comes after such a pause, in microseconds, begins a step. */
const PAUSE_US = 1_000_000;
/** All servers get a request of the page within this time, in microseconds. */
const TOGETHER_US = 20_000;
/** How long the introduction may take to be written before the board takes the screen, in milliseconds. */
const FLUSH_MS = 1000;

/** Gives the exit status. */
export async function openModels(modes: readonly Mode[], flags: CompareFlags): Promise<number> {
  refuseFlagsOfScenarios(flags);
  const { host = '127.0.0.1', port = FIRST_PORT, pace } = flags;
  const measurement = beginMeasurement('servers');
  const { output, until, end } = measurement;
  output.write(introduction(modes, host, port), 1);
  const visitors = new Visitors(host);
  const page: ComparePage | undefined =
    flags.page === undefined ? undefined : await openComparePage(flags.page, 'open', modes, visitors.buttons);
  if (flags.board) await output.flush(FLUSH_MS);
  const options = {
    modes,
    port,
    flags: [`--host=${host}`, ...(pace === undefined ? [] : [`--pace=${formatPace(pace)}`])],
  };
  const { stories } = await watched({ name: 'open', modes, flags, page }, measurement, (observer) =>
    withServers(options, visitors.inSteps(observer), until, async (_, servers) => {
      await Promise.race([aborted(until), Promise.all(servers.map(({ ended }) => ended))]);
    }),
  );
  // The lines have said already which one failed; the board's are gone.
  output.write(totalsOf(flags.board ? stories : stories.filter(({ failure }) => failure === undefined)), 1);
  await page?.close();
  return end(stories.some(({ failure }) => failure !== undefined));
}

/** Those who connect, as steps: a client that comes after a pause begins one, and so does a button of the page. */
class Visitors {
  readonly #host: string;
  readonly #ports: number[] = [];
  #zeroUs = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #observer: Observer | undefined;

  constructor(host: string) {
    this.#host = isAny(host) ? '127.0.0.1' : host;
  }

  readonly buttons = {
    targets: TARGETS,
    send: async (target: string): Promise<void> => {
      this.#begin(nowUs() - this.#zeroUs, `the page sends GET ${target} to every server`);
      await Promise.all(this.#ports.map((port) => this.#ask(port, target)));
    },
  };

  async #ask(port: number, target: string): Promise<void> {
    const client = new Client({ address: this.#host, port }, { patienceMs: PATIENCE_MS });
    await client.ask(target);
    await client.close();
  }

  inSteps(observer: Observer): Observer {
    this.#observer = observer;
    return {
      onListening: (mode, port, pid) => {
        this.#ports.push(port);
        observer.onListening(mode, port, pid);
      },
      onBegin: (zeroUs) => {
        this.#zeroUs = zeroUs;
        observer.onBegin(zeroUs);
      },
      onEvents: (mode, events) => {
        this.#look(mode, events);
        observer.onEvents(mode, events);
      },
      onStep: (step) => observer.onStep(step),
      onClients: (mode, clients) => observer.onClients(mode, clients),
      onSample: (mode, sample) => observer.onSample(mode, sample),
      onFailure: (mode, sentence) => observer.onFailure(mode, sentence),
      onLoad: (mode, seconds) => observer.onLoad(mode, seconds),
    };
  }

  #look(mode: Mode, events: readonly LifecycleEvent[]): void {
    const comes = events.find(({ event }) => event === 'accepted');
    if (comes !== undefined && comes.at - this.#lastAt > PAUSE_US)
      this.#begin(comes.at - TOGETHER_US, `${mode}: ${whatHappened(comes, true)}`);
    if (Number.isFinite(this.#lastAt)) this.#lastAt = Math.max(this.#lastAt, events.at(-1)?.at ?? 0);
  }

  #begin(at: number, text: string): void {
    this.#lastAt = at;
    this.#observer?.onStep({ at: Math.max(0, Math.round(at)), text });
  }
}

function introduction(modes: readonly Mode[], host: string, port: number): string {
  const chalk = colours();
  const lines = [
    chalk.bold(`evented-demo, compare open: ${modes.join(', ')}`),
    'Connect with curl, a browser or a phone: everyone is shown. Ctrl-C ends it.',
    ...(port === 0 ? [] : modes.map((mode, i) => `${mode.padEnd(12)}${urlFor(host, port + i)}`)),
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
    return `${mode}: ${count(connections, 'connection')}, ${count(requests, 'request')}; at most ${count(peakConnections, 'connection')} at once, on ${count(peakThreads, 'thread')}`;
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
