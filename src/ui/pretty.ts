// Events as lines for a person: time, connection, thread, and what happened, in steady columns.
// Each connection keeps its colour, so that one can be followed with the eye.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent, RefuseReason, SleepCall, Timeout } from '../lifecycle/events.js';
import type { ServeOptions } from '../models/options.js';
import { formatFourTuple } from '../net/four-tuple.js';
import { escapeControls } from './escape.js';
import { header, summary } from './frame.js';
import { count, duration, seconds } from './quantities.js';

const TIME_WIDTH = 11;
const CONNECTION_WIDTH = 5;
const THREAD_WIDTH = 9;
const PREFIX_WIDTH = TIME_WIDTH + CONNECTION_WIDTH + THREAD_WIDTH + 3;

/** A wait shorter than this, in microseconds, is no sleep that anyone could see: its two lines are left out. */
const SHORTEST_SLEEP_US = 1000;

/** Of the 256 colours, ones that read well on black and on white. */
export const CONNECTION_COLOURS = [32, 166, 71, 133, 37, 172, 99, 168];

export class PrettyLines {
  readonly #chalk: ChalkInstance;
  readonly #columns: number | undefined;
  readonly #options: ServeOptions;

  /** `columns`: the terminal's width; undefined where the lines go to a file or a pipe, and are never cut. */
  constructor(chalk: ChalkInstance, columns: number | undefined, options: ServeOptions) {
    this.#chalk = chalk;
    this.#columns = columns;
    this.#options = options;
  }

  /** A line for each event but those that tell of a sleep too short to see; around them what frame.ts has to say. */
  lines(events: readonly LifecycleEvent[]): string[] {
    const short = shortSleeps(events);
    const lines = fold(events.filter((event) => !short.has(event))).map((event) => this.#line(event));
    const listening = events.find((event) => event.event === 'listening');
    if (listening !== undefined)
      lines.unshift(header(this.#chalk, listening, this.#options) + this.#heading());
    return lines;
  }

  #heading(): string {
    return this.#chalk.dim(`${columns('seconds', 'conn', 'thread')}what happened\n`);
  }

  #line(event: Folded): string {
    if (event.event === 'stopped') return summary(this.#chalk, event);
    const id = 'connection' in event ? event.connection : undefined;
    const prefix = columns(seconds(event.at), id === undefined ? '' : `#${id}`, event.thread);
    const text = this.#wrap(whatHappened(event));
    if (isQuiet(event)) return `${this.#chalk.dim(prefix + text)}\n`;
    const colour = this.#colour(id);
    const [time, rest] = [prefix.slice(0, TIME_WIDTH), prefix.slice(TIME_WIDTH)];
    return `${this.#chalk.dim(time)}${colour(rest)}${isTrouble(event) ? this.#chalk.red(text) : text}\n`;
  }

  #colour(id: number | undefined): (text: string) => string {
    if (id === undefined) return (text) => text;
    return this.#chalk.ansi256(CONNECTION_COLOURS[(id - 1) % CONNECTION_COLOURS.length]!);
  }

  /** On a terminal, what is too long for the last column goes on below it, and no more than fits on three lines. */
  #wrap(text: string): string {
    if (this.#columns === undefined) return text;
    const room = Math.max(30, this.#columns - PREFIX_WIDTH);
    const lines: string[] = [];
    let rest = text;
    while (rest.length > room && lines.length < 2) {
      const space = rest.lastIndexOf(' ', room);
      const end = space > room / 2 ? space : room;
      lines.push(rest.slice(0, end));
      rest = rest.slice(end).trimStart();
    }
    lines.push(rest.length > room ? `${rest.slice(0, room - 3)}...` : rest);
    return lines.join(`\n${' '.repeat(PREFIX_WIDTH)}`);
  }
}

function columns(time: string, connection: string, thread: string): string {
  return [
    time.padStart(TIME_WIDTH),
    connection.padEnd(CONNECTION_WIDTH),
    thread.padEnd(THREAD_WIDTH),
    '',
  ].join(' ');
}

/** The `blocked` and `resumed` of waits that ended almost at once. */
function shortSleeps(events: readonly LifecycleEvent[]): Set<LifecycleEvent> {
  const short = new Set<LifecycleEvent>();
  const asleep = new Map<string, LifecycleEvent>();
  for (const event of events) {
    if (event.event === 'blocked') asleep.set(event.thread, event);
    if (event.event !== 'resumed' || event.waitedUs >= SHORTEST_SLEEP_US) continue;
    const blocked = asleep.get(event.thread);
    if (blocked !== undefined) short.add(blocked).add(event);
  }
  return short;
}

/** An event, or several of one kind in a row with their bytes added up. */
type Folded = LifecycleEvent & { readonly calls?: number };

/** A long reply is sent with many calls: what one thread sends, or receives, in a row becomes one line. */
function fold(events: readonly LifecycleEvent[]): Folded[] {
  const folded: Folded[] = [];
  for (const event of events) {
    const last = folded.at(-1);
    const goesOn =
      last !== undefined &&
      (event.event === 'sent' || event.event === 'received') &&
      last.event === event.event &&
      last.connection === event.connection;
    if (goesOn)
      folded[folded.length - 1] = { ...event, bytes: last.bytes + event.bytes, calls: (last.calls ?? 1) + 1 };
    else folded.push(event);
  }
  return folded;
}

const inCalls = ({ calls }: Folded): string => (calls === undefined ? '' : ` in ${calls} calls`);

/** What the thread does between the events that matter to a client. */
const isQuiet = ({ event }: LifecycleEvent): boolean =>
  event === 'blocked' ||
  event === 'resumed' ||
  event === 'would-block' ||
  event === 'watching' ||
  event === 'call';

const isTrouble = ({ event }: LifecycleEvent): boolean =>
  event === 'reset' ||
  event === 'timed-out' ||
  event === 'refused' ||
  event === 'failed' ||
  event === 'crashed' ||
  event === 'threads-busy';

const UNTIL: Record<SleepCall, string> = {
  accept4: 'until a client connects',
  recv: 'until the client sends',
  send: 'until the client takes more',
  epoll_wait: 'until one is ready',
  clock_nanosleep: 'as the request asked',
  futex: 'until it is given work',
};

const WOULD_BLOCK: Record<string, string> = {
  accept4: 'queue empty',
  recv: 'no more yet',
  send: 'buffer full',
};

const REFUSED: Record<RefuseReason, string> = {
  'out-of-descriptors': 'no descriptor for one more connection (EMFILE)',
  'no-thread': 'the system gives no further thread',
  'too-many-connections': 'refused: one connection too many',
};

const TIMED_OUT: Record<Timeout, string> = {
  head: 'no whole request after',
  idle: 'no next request for',
  send: 'nothing taken for',
};

function whatHappened(event: Folded): string {
  switch (event.event) {
    case 'listening':
      return `listening on port ${event.port}:${event.fd === undefined ? '' : ` fd ${event.fd},`} backlog ${event.backlog}`;
    case 'accepted':
      return `accepted ${formatFourTuple(event.fourTuple)} fd ${event.fd}`;
    case 'thread-started':
      return `thread started in ${duration(event.tookUs)}, tid ${event.tid}`;
    case 'thread-reused':
      return `an idle thread takes it, tid ${event.tid}`;
    case 'thread-ended':
      return 'thread ended';
    case 'threads-busy':
      return `${event.threads === 1 ? 'the one thread is' : `all ${event.threads} threads are`} busy: the next clients wait`;
    case 'blocked':
      return `asleep in ${callOn(event)} ${event.thread === 'acceptor' && event.call === 'futex' ? 'until a thread is free' : UNTIL[event.call]}`;
    case 'resumed':
      return `awake from ${event.call} after ${duration(event.waitedUs)}`;
    case 'watching':
      return event.interest.replace('|EPOLLET', '') === '0' || event.interest === 'EPOLLET'
        ? `watches fd ${event.fd} for nothing, for now`
        : `watches fd ${event.fd} for ${event.interest}`;
    case 'unwatched':
      return `watches fd ${event.fd} no more`;
    case 'ready':
      return `ready: fd ${event.fd} ${event.readiness}`;
    case 'would-block':
      return `${callOn(event)} would block: ${WOULD_BLOCK[event.call] ?? ''}`;
    case 'received':
      return `received ${count(event.bytes, 'byte')}${inCalls(event)}`;
    case 'request':
      return `request ${escapeControls(event.method)} ${escapeControls(event.target)} -> ${event.status}`;
    case 'bad-request':
      return `bad request -> ${event.status}: ${escapeControls(event.problem)}`;
    case 'sent':
      return `sent ${count(event.bytes, 'byte')}${inCalls(event)}`;
    case 'peer-closed':
      return 'the peer has closed its side';
    case 'reset':
      return 'the peer has reset the connection';
    case 'timed-out':
      return `timed out: ${TIMED_OUT[event.waitingFor]} ${event.seconds} s`;
    case 'refused':
      return REFUSED[event.reason];
    case 'failed':
      return `${event.call} failed: ${event.errno}`;
    case 'crashed':
      return `an error in the program itself: ${escapeControls(event.problem)}`;
    case 'left-open':
      return `fd ${event.fd} is left open: no close`;
    case 'closed':
      return closed(event);
    case 'call':
      return strace(event);
    case 'events-dropped':
      return `${count(event.count, 'event')} not told: they came too fast`;
    default:
      return event.event;
  }
}

function callOn(event: { call: SleepCall; fd?: number }): string {
  return event.fd === undefined ? event.call : `${event.call} on fd ${event.fd}`;
}

function closed(event: LifecycleEvent & { event: 'closed' }): string {
  if (event.reason === 'peer-closed' && event.bytesIn === 0) {
    return `closed fd ${event.fd}: not a byte came (browsers open spare ones)`;
  }
  const why = event.reason === 'replied' ? '' : ` (${event.reason})`;
  return `closed fd ${event.fd} after ${duration(event.durationUs)}: ${event.bytesIn} in, ${event.bytesOut} out${why}`;
}

/** As strace prints it: `recvfrom(7, "GET / HTTP/1.1\r\n"..., 65536, 0, NULL, NULL) = 78`. */
function strace(event: LifecycleEvent & { event: 'call' }): string {
  const { name, arguments: args, result, errno } = event;
  return `${name}(${args.join(', ')}) = ${result}${errno === null ? '' : ` ${errno}`}`;
}
