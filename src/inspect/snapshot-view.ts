// A snapshot for a person: the TCP table as netstat shows it, the threads, the interest list.

import type { ChalkInstance } from 'chalk';
import { addressAndPort } from '../net/address.js';
import { type FourTuple, formatFourTuple } from '../net/four-tuple.js';
import type { TcpState } from '../net/tcp-states.js';
import { describeEpollMask } from '../posix/epoll-mask.js';
import { tableColour } from '../terminal/connection-colours.js';
import { escapeControls } from '../terminal/escape.js';
import { titleOf } from '../terminal/frame.js';
import { count, countWaiting } from '../terminal/quantities.js';
import { marked } from './changes.js';
import type { FoundServer } from './find-servers.js';
import type { RingOperations } from './in-flight.js';
import { connectionOf, type InterestList, type Watch } from './interest-lists.js';
import type { Snapshot } from './snapshot.js';
import type { OwnedSocket } from './sockets.js';
import { type KeyedRow, mergeKinds, type Section, sectionLines, shareOut } from './table.js';
import type { Thread } from './threads.js';

/** Rows of a section in a file or a pipe. */
const MOST_ROWS = 40;
/** More threads than these are merged: one row for all that do the same. */
const MOST_THREADS = 12;
const LEAST_ROWS = 3;

export class SnapshotView {
  readonly #chalk: ChalkInstance;
  #last: readonly Section<KeyedRow>[] = [];

  constructor(chalk: ChalkInstance) {
    this.#chalk = chalk;
  }

  /**
   * The lines of this snapshot, with marks on what has changed since the one before. `width` and `height` are the
   * terminal's; undefined for a file or a pipe, or where the terminal may scroll. `note` is for the head.
   */
  lines(look: Snapshot, width: number | undefined, height: number | undefined, note?: string): string[] {
    const sections = sectionsOf(this.#chalk, look);
    const shown = marked(this.#last, sections).map(withoutCrowds);
    this.#last = sections;
    const head = headOf(this.#chalk, look, note);
    const foot = footnotes(look).map((text) => this.#chalk.dim(text));
    const wanted = shown.map(({ rows }) => rows.length);
    const rest = head.length + (foot.length > 0 ? foot.length + 1 : 0) + 3 * shown.length;
    const rooms =
      height === undefined
        ? wanted.map(() => MOST_ROWS)
        : shareOut(wanted, Math.max(height - rest, LEAST_ROWS * shown.length));
    const lines = [
      ...head,
      ...shown.flatMap((section, i) => ['', ...sectionLines(this.#chalk, section, rooms[i]!, width)]),
      ...(foot.length > 0 ? ['', ...foot] : []),
    ];
    if (height === undefined || lines.length <= height) return lines;
    return [
      ...lines.slice(0, height - 1),
      this.#chalk.dim(`... ${count(lines.length - height + 1, 'more line')}`),
    ];
  }
}

function headOf(
  chalk: ChalkInstance,
  { server, acceptQueue, ownQueue }: Snapshot,
  note: string | undefined,
): string[] {
  const rows: [string, string][] = [
    ['pid', `${server.pid}${server.engine === 'portable' ? ', on node:net, the portable engine' : ''}`],
    ['listens', `${addressAndPort(server)}${fdsOf(server)}`],
    ['queue', queue(acceptQueue)],
  ];
  if (ownQueue !== undefined) rows.push(['pool', `${countWaiting(ownQueue, 'connection')} for a thread`]);
  if (note !== undefined) rows.push(['seen', note]);
  return [
    chalk.bold(`evented-demo, ${titleOf(server.mode, server.loops, server.workers)}`),
    ...rows.map(([name, text]) => `  ${chalk.dim(name.padEnd(8))} ${text}`),
  ];
}

function fdsOf({ listeners }: FoundServer): string {
  const fds = listeners.flatMap(({ fd }) => fd ?? []);
  return fds.length === 0 ? '' : `, fd ${fds.join(' and fd ')}`;
}

function queue({ waiting, backlog }: Snapshot['acceptQueue']): string {
  if (waiting === undefined) return 'not known';
  const wait = `${countWaiting(waiting, 'connection')} for accept`;
  return backlog === undefined ? wait : `${wait}, backlog ${backlog}`;
}

/** Each row has a key, so that two snapshots can be compared. */
function sectionsOf(chalk: ChalkInstance, look: Snapshot): Section<KeyedRow>[] {
  const lists = look.interestLists.map((list) => interestSection(chalk, look, list));
  const inFlight = look.inFlight === undefined ? [] : [inFlightSection(look.inFlight)];
  return [socketSection(chalk, look), threadSection(chalk, look), ...lists, ...inFlight];
}

function socketSection(chalk: ChalkInstance, { sockets, interestLists }: Snapshot): Section<KeyedRow> {
  const ids = idsOf(sockets);
  return {
    title: 'sockets',
    summary: states(sockets),
    columns: [
      { heading: 'state' },
      { heading: 'recv', right: true, usual: '0' },
      { heading: 'send', right: true, usual: '0' },
      { heading: 'local' },
      { heading: 'peer' },
      { heading: 'fd', right: true },
      { heading: 'whose' },
      { heading: 'connection', optional: true },
    ],
    rows: sockets.map((socket): KeyedRow => {
      const { state, receiveQueue, sendQueue, local, peer, fd, end, fourTuple } = socket;
      const whose = whoseSocket(
        socket,
        interestLists.some(({ ofNode }) => !ofNode),
      );
      const colour = tableColour(chalk, fourTuple && ids.get(String(fourTuple)));
      return {
        key: `${end} ${addressAndPort(local)} ${addressAndPort(peer)} ${state === 'LISTEN' ? fd : ''}`,
        facts: [state, receiveQueue, sendQueue, fd, socket.secondsLeft === undefined ? whose : ''].join(' '),
        kind: socket.awaitsAccept
          ? `${state} in the accept queue`
          : `${state} of ${end === 'server' ? 'the server' : 'clients'}`,
        cells: [
          state,
          String(receiveQueue),
          String(sendQueue),
          addressAndPort(local),
          state === 'LISTEN' ? '*' : addressAndPort(peer),
          fd === undefined ? '' : String(fd),
          whose,
          fourTuple === undefined ? '' : formatFourTuple(fourTuple),
        ],
        style: (text, column) => {
          if (column === 0) return stateColour(chalk, state)(text);
          if (column >= 6) return colour(text);
          return state === 'TIME_WAIT' ? chalk.dim(text) : text;
        },
      };
    }),
  };
}

/** `1 LISTEN, 300 ESTABLISHED`, in the order of the table. */
function states(sockets: readonly OwnedSocket[]): string {
  const numbers = new Map<string, number>();
  for (const { state } of sockets) numbers.set(state, (numbers.get(state) ?? 0) + 1);
  return (
    [...numbers].map(([state, number]) => `${number.toLocaleString('en')} ${state}`).join(', ') || 'none'
  );
}

/** `watched`: the kernel has an interest list of the server's, so a connection that is not on it stands out. */
function whoseSocket(socket: OwnedSocket, watched: boolean): string {
  const { state, end, inode, uid, fd, process, connection, thread, secondsLeft } = socket;
  if (state === 'LISTEN') return 'listener';
  if (socket.awaitsAccept) return 'awaits accept';
  if (secondsLeft !== undefined) return `gone in ${Math.ceil(secondsLeft)} s`;
  if (inode === 0) return state === 'SYN_RECV' ? 'handshake' : 'closed';
  if (end === 'client')
    return process === undefined ? `of user ${uid}` : `pid ${process.pid} ${escapeControls(process.name)}`;
  if (fd === undefined) return `of user ${uid}`;
  if (connection !== undefined) return `#${connection}`;
  if (thread !== undefined) return thread;
  if (process !== undefined) return process.name;
  return watched ? 'not watched' : '';
}

function threadSection(chalk: ChalkInstance, { server, sockets, threads }: Snapshot): Section<KeyedRow> {
  // On the portable engine the loop runs on Node's main thread.
  const isShown = ({ ofServer, tid }: Thread): boolean =>
    ofServer || (server.engine === 'portable' && tid === server.pid);
  const shown = threads.filter(isShown);
  const key = (pid: number, fd: number | undefined): string => `${pid} ${fd}`;
  const ends = new Map(
    sockets
      .filter(({ end }) => end === 'server')
      .map((socket) => [key(socket.process?.pid ?? server.pid, socket.fd), socket]),
  );
  const ids = idsOf(sockets);
  return {
    title: 'threads',
    summary: `${shown.length} of the server, ${threads.length - shown.length} of Node's own`,
    columns: [
      { heading: 'name' },
      { heading: 'tid', right: true },
      { heading: 'does' },
      { heading: 'in the kernel', optional: true },
      { heading: 'connection', optional: true },
    ],
    rows: shown.map((thread): KeyedRow => {
      const { tid, name, wchan, fd, call, state } = thread;
      const tuple = fd === undefined ? undefined : ends.get(key(thread.pid, fd))?.fourTuple;
      const doing = stateText(thread);
      const colour = tableColour(chalk, tuple && ids.get(String(tuple)));
      return {
        key: String(tid),
        facts: doing,
        kind: `${state} ${call ?? wchan}`,
        cells: [
          escapeControls(name),
          String(tid),
          doing,
          call === undefined ? '' : (wchan ?? ''),
          tuple === undefined ? '' : formatFourTuple(tuple),
        ],
        style: (text, column) =>
          column === 4 ? colour(text) : column === 1 || column === 3 ? chalk.dim(text) : text,
      };
    }),
  };
}

/** `asleep in recvfrom on fd 22`. */
export function stateText({
  state,
  call,
  fd,
  wchan,
}: Pick<Thread, 'state' | 'call' | 'fd' | 'wchan'>): string {
  const inCall = call === undefined ? '' : ` in ${call}${fd === undefined ? '' : ` on fd ${fd}`}`;
  switch (state) {
    case 'R':
      return 'running';
    case 'S':
    case 'D':
      return `asleep${inCall || (wchan === undefined ? '' : ` in the kernel's ${wchan}`)}`;
    case 'T':
    case 't':
      return `stopped${inCall}`;
    case 'Z':
    case 'X':
      return 'has ended';
    default:
      return `in state ${state}`;
  }
}

function withoutCrowds(section: Section<KeyedRow>): Section<KeyedRow> {
  if (section.title !== 'threads') return section;
  return { ...section, rows: mergeKinds(section.rows, mergeThreads, MOST_THREADS) };
}

/** `conn-1 .. conn-300`, `300 asleep in recvfrom, each on an fd of its own`. */
function mergeThreads(rows: readonly KeyedRow[]): KeyedRow {
  const first = rows[0]!;
  const [name, , doing, wchan] = first.cells as [string, string, string, string, string];
  const lastName = rows.at(-1)!.cells[0]!;
  const what = doing.replace(/ on fd \d+$/, ', each on its own fd');
  const [from, to] = [name, lastName].map((each) => Number(/\d+$/.exec(each)?.[0]));
  const whole = to! - from! + 1 === rows.length;
  return {
    ...first,
    cells: [`${name} ${whole ? '..' : '...'} ${lastName}`, '', `${rows.length} ${what}`, wchan, ''],
    mark: rows.some(({ mark }) => mark !== undefined) ? 'changed' : undefined,
  };
}

function interestSection(
  chalk: ChalkInstance,
  { server, sockets }: Snapshot,
  { fd: epfd, ofNode, watches }: InterestList,
): Section<KeyedRow> {
  const ends = new Map(sockets.filter(({ end }) => end === 'server').map((socket) => [socket.fd, socket]));
  return {
    title: server.loops > 1 ? `interest list of epoll fd ${epfd}` : 'interest list',
    summary: `${server.loops > 1 ? '' : `of epoll fd ${epfd}: `}${count(watches.length, 'descriptor')}${ofNode ? ', including those that wake Node' : ''}`,
    columns: [
      { heading: 'fd', right: true },
      { heading: 'waits for' },
      { heading: 'data' },
      { heading: 'whose' },
      { heading: 'connection', optional: true },
    ],
    rows: watches.map((watch): KeyedRow => {
      const { fd, interest, data, tag } = watch;
      const names = describeEpollMask(interest);
      const tuple = ends.get(fd)?.fourTuple;
      const id = ofNode ? undefined : connectionOf(watch);
      const whose = whoseWatch(watch, id, server, ofNode, tuple);
      const colour = tableColour(chalk, id);
      return {
        key: `${fd} ${tag}`,
        facts: names,
        kind: names,
        cells: [String(fd), names, data, whose, tuple === undefined ? '' : formatFourTuple(tuple)],
        style: (text, column) => (column >= 3 ? colour(text) : column === 2 ? chalk.dim(text) : text),
      };
    }),
  };
}

/** With io_uring it takes the place of the interest list. */
function inFlightSection({ fd, operations }: RingOperations): Section<KeyedRow> {
  const all = [...operations.values()].reduce((sum, each) => sum + each, 0);
  return {
    title: 'in flight',
    summary: `of io_uring fd ${fd}: ${count(all, 'operation')}`,
    columns: [{ heading: 'the kernel was asked for' }, { heading: 'how often', right: true }],
    rows: [...operations].map(
      ([operation, often]): KeyedRow => ({
        key: operation,
        facts: String(often),
        kind: operation,
        cells: [operation, String(often)],
        style: (text) => text,
      }),
    ),
  };
}

function whoseWatch(
  { fd }: Watch,
  id: number | undefined,
  { listeners }: FoundServer,
  ofNode: boolean,
  fourTuple: FourTuple | undefined,
): string {
  if (listeners.some((each) => each.fd === fd)) return 'listener';
  if (id !== undefined) return `#${id}`;
  if (!ofNode) return 'woken by workers';
  return fourTuple === undefined ? "Node's own" : '';
}

/** What could not be read, and why a column is empty. */
function footnotes(look: Snapshot): string[] {
  const { server, sockets, threads, inFlight, descriptorsReadable, callsReadable } = look;
  if (!descriptorsReadable)
    return [`Descriptors and system calls are not shown: only user ${server.uid} and root may read them.`];
  const notes: string[] = [];
  if (!callsReadable)
    notes.push('System calls are not shown: kernel.yama.ptrace_scope forbids it. Try sudo.');
  if (threads.some(({ ofServer, call }) => ofServer && isPollOrSelect(call)))
    notes.push('The loop gives poll or select its interest list at each call: the kernel keeps none.');
  if (inFlight !== undefined)
    notes.push(
      'Of what is in flight the kernel lists what waits for a socket, but not for which: serve --board shows that.',
    );
  const open = sockets.filter(
    ({ end, state, fd }) => end === 'server' && state !== 'LISTEN' && fd !== undefined,
  );
  if (open.some(({ connection }) => connection === undefined))
    notes.push('The kernel knows the id of a connection only if an interest list holds it.');
  return notes;
}

/** Their names in the kernel, whatever the CPU. */
const isPollOrSelect = (call: string | undefined): boolean => /^p?(poll|select6)$/.test(call ?? '');

/** By 4-tuple, which both ends share. */
function idsOf(sockets: readonly OwnedSocket[]): Map<string, number> {
  return new Map(
    sockets.flatMap(({ fourTuple, connection }) =>
      fourTuple === undefined || connection === undefined ? [] : [[String(fourTuple), connection] as const],
    ),
  );
}

function stateColour(chalk: ChalkInstance, state: TcpState): (text: string) => string {
  switch (state) {
    case 'LISTEN':
      return chalk.cyan;
    case 'ESTABLISHED':
      return chalk.green;
    case 'TIME_WAIT':
      return chalk.dim;
    case 'CLOSE_WAIT':
      return chalk.red; // the close that is missing
    default:
      return chalk.yellow;
  }
}
