// The clients' events as lines for a person, like the server's: time, client, and what happened.

import type { ChalkInstance } from 'chalk';
import { addressAndPort } from '../net/address.js';
import { formatFourTuple } from '../net/four-tuple.js';
import type { TcpState } from '../net/tcp-states.js';
import { ConnectionColours } from '../terminal/connection-colours.js';
import { escapeControls } from '../terminal/escape.js';
import { count, duration, number, seconds } from '../terminal/quantities.js';
import { cut, wrap } from '../terminal/width.js';
import type { ClientEvent, ClosedMoment, ReceivedReply, Stopped } from './events.js';

const TIME_WIDTH = 11;
const CLIENT_WIDTH = 6;
const PREFIX_WIDTH = TIME_WIDTH + CLIENT_WIDTH + 2;
/** Of a reply's body. */
const BODY_LINES = 6;

/** An event, or several of one kind in a row with their bytes added up. */
type FoldedClientEvent = ClientEvent & { readonly calls?: number };

export class PrettyClients {
  /** The terminal's width. Undefined for a file or a pipe, whose lines are never cut. */
  columns: number | undefined;
  readonly #chalk: ChalkInstance;
  readonly #about: readonly (readonly [name: string, text: string])[];
  readonly #colours: ConnectionColours;

  /** @param about the rows of the header: a word, and its text */
  constructor(
    chalk: ChalkInstance,
    columns: number | undefined,
    about: readonly (readonly [name: string, text: string])[],
  ) {
    this.#chalk = chalk;
    this.columns = columns;
    this.#about = about;
    this.#colours = new ConnectionColours(chalk);
  }

  lines(events: readonly ClientEvent[]): string[] {
    return fold(events)
      .filter(isWorthTelling)
      .map((event) => this.#line(event));
  }

  #line(event: FoldedClientEvent): string {
    if (event.event === 'started') return this.#header(event);
    if (event.event === 'stopped') return summary(this.#chalk, event);
    const colour = this.#colours.of(event.client);
    const number = `#${event.client}`.padEnd(CLIENT_WIDTH);
    const prefix = `${this.#chalk.dim(seconds(event.at).padStart(TIME_WIDTH))} ${colour(number)} `;
    const text = this.#wrap(whatHappened(event));
    const style = isTrouble(event) ? this.#chalk.red : event.event === 'state' ? this.#chalk.bold : String;
    const body = event.event === 'reply' ? bodyLines(event).map((line) => this.#bodyLine(line)) : [];
    return `${prefix}${style(text)}\n${body.join('')}`;
  }

  #header({ address, port, clients }: ClientEvent & { event: 'started' }): string {
    const title = `evented-demo, ${count(clients, 'client')} of ${addressAndPort({ address, port })}`;
    const rows = this.#about.map(([name, text]) => `  ${this.#chalk.dim(name.padEnd(8))} ${text}\n`);
    const heading = `${'seconds'.padStart(TIME_WIDTH)} ${'client'.padEnd(CLIENT_WIDTH)} what happened`;
    return `${this.#chalk.bold(title)}\n${rows.join('')}\n${this.#chalk.dim(heading)}\n`;
  }

  #wrap(text: string): string {
    return wrap(text, this.#room, 3).join(`\n${' '.repeat(PREFIX_WIDTH)}`);
  }

  #bodyLine(line: string): string {
    return `${' '.repeat(PREFIX_WIDTH)}  ${this.#chalk.dim(cut(line, this.#room - 2))}\n`;
  }

  get #room(): number {
    return this.columns === undefined ? Number.POSITIVE_INFINITY : Math.max(30, this.columns - PREFIX_WIDTH);
  }
}

/** What one client sends or receives in a row becomes one event. */
function fold(events: readonly ClientEvent[]): FoldedClientEvent[] {
  const folded: FoldedClientEvent[] = [];
  for (const event of events) {
    const last = folded.at(-1);
    const sameClient =
      last !== undefined && 'client' in last && 'client' in event && last.client === event.client;
    const calls = (last?.calls ?? 1) + 1;
    if (sameClient && last.event === 'received' && event.event === 'received')
      folded[folded.length - 1] = { ...event, bytes: last.bytes + event.bytes, calls };
    else if (sameClient && last.event === 'sent' && event.event === 'sent')
      folded[folded.length - 1] = {
        ...event,
        bytes: last.bytes + event.bytes,
        text: last.text + event.text,
        calls,
      };
    else folded.push(event);
  }
  return folded;
}

/** The close of a connection that was never made is no news. */
function isWorthTelling(event: FoldedClientEvent): boolean {
  return !(event.event === 'closed' && event.reason === 'not-connected');
}

const isTrouble = ({ event }: ClientEvent): boolean =>
  event === 'reset' || event === 'refused' || event === 'timed-out' || event === 'failed';

const MEANING: Partial<Record<TcpState, string>> = {
  SYN_SENT: 'the handshake is not complete',
  FIN_WAIT1: 'this side has closed, the server has not confirmed it yet',
  FIN_WAIT2: 'this side has closed, the server has not',
  CLOSE_WAIT: 'the server has closed, this side has not',
  CLOSING: 'both sides have closed at the same time',
  LAST_ACK: 'both sides have closed, the server has not confirmed it yet',
  TIME_WAIT: 'both sides have closed, this one first',
  CLOSED: 'nothing is left of it on this side',
};

function whatHappened(event: Exclude<FoldedClientEvent, { event: 'started' | 'stopped' }>): string {
  switch (event.event) {
    case 'connecting': {
      const [address, port] = event.fourTuple ?? [];
      const from = address === undefined ? '' : ` from ${addressAndPort({ address, port: port! })}`;
      return `connecting to ${addressAndPort(event)}${from}`;
    }
    case 'connected':
      return `connected${event.fourTuple === undefined ? '' : ` ${formatFourTuple(event.fourTuple)}`}${onFd(event)}`;
    case 'state': {
      const meaning = MEANING[event.to];
      return `state ${event.to}${meaning === undefined ? '' : `: ${meaning}`}`;
    }
    case 'sent':
      return `sent ${count(event.bytes, 'byte')}: ${saying(event.text)}`;
    case 'received':
      return `received ${count(event.bytes, 'byte')}${event.calls === undefined ? '' : ` in ${event.calls} calls`}`;
    case 'reply':
      return reply(event);
    case 'peer-closed':
      return 'the server has closed its side';
    case 'reset':
      return 'the server has reset the connection';
    case 'refused':
      return 'refused: nobody listens there';
    case 'timed-out':
      return `timed out: ${event.waitingFor === 'connect' ? 'not connected' : 'no complete reply'} after ${event.seconds} s`;
    case 'failed':
      return `${event.call} failed: ${event.errno}`;
    case 'closed':
      return closed(event);
  }
}

const onFd = ({ fd }: { readonly fd?: number }): string => (fd === undefined ? '' : ` fd ${fd}`);

/** The first line of a complete request; a part of a request in quotes. */
function saying(text: string): string {
  const end = text.indexOf('\r\n');
  return end > 0 && text.length > end + 2 ? escapeControls(text.slice(0, end)) : JSON.stringify(text);
}

function reply({ statusLine, bytes, tookUs }: ReceivedReply): string {
  const what = statusLine === undefined ? 'not an HTTP reply' : `reply ${escapeControls(statusLine)}`;
  return `${what} after ${duration(tookUs)}, ${count(bytes, 'byte')}${bytes === 0 ? '' : ':'}`;
}

function bodyLines({ body, bytes }: ReceivedReply): string[] {
  const lines = body.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const shown = lines.slice(0, BODY_LINES);
  const rest = bytes - Buffer.byteLength(shown.join('\n'));
  return [
    ...shown.map(escapeControls),
    ...(lines.length > shown.length ? [`... ${count(rest, 'byte')} more`] : []),
  ];
}

function closed(event: ClosedMoment & { readonly fd?: number }): string {
  const { reason, withReset, durationUs, bytesIn, bytesOut } = event;
  const how = withReset ? ' with a reset' : reason === 'replied' ? ' before the server' : '';
  const why = reason === 'replied' || reason === 'peer-closed' ? '' : ` (${reason})`;
  return `closed${onFd(event)}${how} after ${duration(durationUs)}: ${bytesIn} ${bytesIn === 1 ? 'byte' : 'bytes'} in, ${bytesOut} out${why}`;
}

const LEFT: Partial<Record<TcpState, string>> = {
  TIME_WAIT: 'for a minute',
  FIN_WAIT2: 'for a minute, or until the server closes its side',
};

function summary(chalk: ChalkInstance, event: ClientEvent & Stopped): string {
  const { clients, connected, replies, failed, latency, left } = event;
  const lines = [
    `${count(clients, 'client')}, ${number(connected)} connected; ${count(replies, 'reply', 'replies')}` +
      `${failed > 0 ? `; ${number(failed)} failed` : ''}`,
  ];
  if (latency !== undefined && replies > 1)
    lines.push(`half of the replies within ${duration(latency.p50)}, all within ${duration(latency.max)}`);
  for (const [state, connections] of Object.entries(left)) {
    const until = LEFT[state as TcpState];
    lines.push(`left: ${number(connections)} in ${state}${until === undefined ? '' : `, ${until}`}`);
  }
  return `\n${chalk.bold(`ended after ${duration(event.at)}`)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
