// One server at one moment, in a rectangle: its threads, its connections, its interest list, totals and last events.
// Built from its state alone, so it is the same for a server that runs and for one that was recorded.

import type { ChalkInstance } from 'chalk';
import { mergeKinds, type Section, sectionLines, shareOut, type TableRow } from '../inspect/table.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Activity, ConnectionState, ServerState } from '../lifecycle/state.js';
import { addressAndPort } from '../net/address.js';
import { formatFourTuple } from '../net/four-tuple.js';
import { tableColour } from '../terminal/connection-colours.js';
import { escapeControls } from '../terminal/escape.js';
import { countServants, duration, servantsOf } from '../terminal/quantities.js';
import { cut, padEnd, textWidth } from '../terminal/width.js';
import { isTrouble, stepOf, whatHappened } from '../terminal/words.js';
import { doingOf } from './doing.js';
import { type Followed, type IsOther, othersIn } from './followed.js';

export interface Panel {
  readonly name: string;
  readonly colour: (text: string) => string;
  readonly state: ServerState;
  /** The last one is the newest. */
  readonly recent: readonly LifecycleEvent[];
  /** Whether the event that is shown as the last of all is this server's. */
  readonly isLast: boolean;
  /** The tid of the thread that makes the next step. */
  readonly selected?: number | undefined;
}

export interface PanelOptions {
  readonly width: number;
  readonly height: number;
  /** The moment that is shown, in microseconds. */
  readonly now: number;
  /** In microseconds of the servers' time: what changed within this time stands out. */
  readonly freshUs: number;
  /** Everything that is not about this connection, or this client's connections, is dimmed. */
  readonly followed: Followed;
}

/** The same, what is to be dimmed, and the thread that makes the next step. */
interface Emphasis extends PanelOptions {
  readonly isOther: IsOther;
  readonly selected: number | undefined;
}

/** The name, the totals, and the headings of three sections. */
const FIXED_LINES = 6;
const LEAST_EVENTS = 2;
/** A 4-tuple is written out where there is room for it. */
const WIDE = 70;

/** Exactly `height` lines, none of them wider than `width`. */
export function panelLines(chalk: ChalkInstance, panel: Panel, options: PanelOptions): string[] {
  const { width, height } = options;
  const { state, selected } = panel;
  const shown = { ...options, isOther: othersIn(state, options.followed), selected };
  const sections = [threadSection, connectionSection, interestSection]
    .map((make) => make(chalk, state, shown))
    .filter((section): section is Section => section !== undefined);
  const room = height - FIXED_LINES - LEAST_EVENTS;
  const shares = shareOut(
    sections.map(({ rows }) => Math.max(1, rows.length)),
    room,
  );
  const lines = [
    headOf(chalk, panel, width),
    ...sections.flatMap((section, i) => sectionLines(chalk, section, shares[i]!, width)),
    chalk.dim(totalsOf(state, width)),
  ];
  const left = height - lines.length;
  const recent = left > 0 ? panel.recent.slice(-left) : [];
  lines.push(
    ...recent.map((event, i) => eventLine(chalk, event, panel.isLast && i === recent.length - 1, shown)),
  );
  return Array.from({ length: height }, (_, i) => padEnd(lines[i] ?? '', width));
}

function headOf(chalk: ChalkInstance, { name, colour, state }: Panel, width: number): string {
  const { listening, stopped } = state;
  const address = listening && (width >= WIDE ? addressAndPort(listening) : `:${listening.port}`);
  const where = listening === undefined ? 'not listening yet' : `${address} pid ${listening.pid}`;
  const rest = cut(`  ${where}${stopped === undefined ? '' : ', stopped'}`, width - name.length);
  return colour(chalk.bold(cut(name, width))) + chalk.dim(escapeControls(rest));
}

/** As many of them as have room. */
function totalsOf({ counts, connections, stopped }: ServerState, width: number): string {
  const { accepted, requests, bytesIn, bytesOut, refused, eventsMissing } = counts;
  const missing = stopped === undefined ? eventsMissing : stopped.eventsDropped;
  const totals = [
    `${connections.size} open`,
    ...(missing > 0 ? [`${missing} events missing`] : []),
    `${stopped?.connections ?? accepted} accepted`,
    `${stopped?.requests ?? requests} requests`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    `${stopped?.bytesIn ?? bytesIn} B in`,
    `${stopped?.bytesOut ?? bytesOut} B out`,
  ];
  return totals.reduce((line, each) => {
    const longer = `${line} · ${each}`;
    return textWidth(longer) <= width ? longer : line;
  });
}

/** The selected one is marked, and never merged with others. */
function threadSection(chalk: ChalkInstance, state: ServerState, options: Emphasis): Section {
  const rows = [...state.threads.values()].map((thread): TableRow => {
    const { tid, activity } = thread;
    const name = escapeControls(thread.name);
    const isSelected = tid === options.selected;
    return {
      kind: isSelected ? name : kindOf(activity),
      cells: [
        isSelected ? `> ${name}` : name,
        doingOf(thread, options.width < WIDE),
        ageOf(activity.since, options.now),
      ],
      style: isSelected
        ? (text) => chalk.inverse(text)
        : styleOf(chalk, activity.connection, options.now - activity.since, options),
    };
  });
  const mode = state.listening?.mode ?? '';
  const merge = (same: readonly TableRow[]): TableRow => {
    const { kind } = same[0]!;
    return { kind, cells: [countServants(mode, same.length), kind, ''], style: (text) => text };
  };
  return {
    title: servantsOf(mode),
    summary: String(state.threads.size),
    columns: [{ heading: 'name' }, { heading: 'does' }, { heading: 'for', right: true, optional: true }],
    rows: mergeKinds(rows, merge, Math.max(3, Math.floor(options.height / 3))),
  };
}

function kindOf({ doing, call, next }: Activity): string {
  if (next !== undefined) return `stopped before ${stepOf(next)}`;
  return `${doing}${call === undefined ? '' : ` in ${call}`}`;
}

function connectionSection(chalk: ChalkInstance, state: ServerState, options: Emphasis): Section {
  // Who is followed is never among those that there is no room for.
  const all = [...state.connections.values()].sort(
    (a, b) => Number(options.isOther(a.id)) - Number(options.isOther(b.id)),
  );
  const rows = all.map((connection): TableRow => {
    const { id, fd, stage, since, client } = connection;
    return {
      kind: stage,
      cells: [
        `#${id}${client === undefined ? '' : ` ${escapeControls(client)}`}`,
        tupleOf(connection, options.width),
        String(fd),
        stage,
        ageOf(since, options.now),
      ],
      style: styleOf(chalk, id, options.now - since, options),
    };
  });
  return {
    title: 'connections',
    summary: `${state.connections.size} open`,
    columns: [
      { heading: 'id' },
      { heading: options.width >= WIDE ? '4-tuple' : 'client' },
      { heading: 'fd', right: true },
      { heading: 'stage' },
      { heading: 'for', right: true, optional: true },
    ],
    rows,
  };
}

function tupleOf({ fourTuple }: ConnectionState, width: number): string {
  if (fourTuple === undefined) return '?';
  if (width >= WIDE) return escapeControls(formatFourTuple(fourTuple));
  return `:${fourTuple[1]} -> :${fourTuple[3]}`;
}

/** What the kernel was asked to do, with io_uring; undefined for any other server. */
function inFlightSection(chalk: ChalkInstance, state: ServerState, options: Emphasis): Section | undefined {
  const list = state.inFlight;
  if (list.length === 0) return undefined;
  const rows = list.map(
    ({ fd, connection, operations }): TableRow => ({
      kind: operations.join(' '),
      cells: [String(fd), connection === undefined ? 'listener' : `#${connection}`, operations.join(', ')],
      style: styleOf(chalk, connection, Number.POSITIVE_INFINITY, options),
    }),
  );
  return {
    title: 'in flight',
    summary: String(list.length),
    columns: [{ heading: 'fd', right: true }, { heading: 'whose' }, { heading: 'asked for' }],
    rows,
  };
}

/** Undefined for a server without a poller. */
function interestSection(chalk: ChalkInstance, state: ServerState, options: Emphasis): Section | undefined {
  const list = state.interestList;
  if (list.length === 0) return inFlightSection(chalk, state, options);
  const rows = list.map(({ fd, connection, interest, readiness, readyAt }): TableRow => {
    const age = readyAt === undefined ? Number.POSITIVE_INFINITY : options.now - readyAt;
    return {
      kind: interest,
      cells: [
        String(fd),
        connection === undefined ? 'listener' : `#${connection}`,
        escapeControls(interest),
        readiness === undefined ? '' : `${escapeControls(readiness)} ${ageOf(readyAt!, options.now)} ago`,
      ],
      style: styleOf(chalk, connection, age, options),
    };
  });
  return {
    title: 'interest list',
    summary: String(list.length),
    columns: [
      { heading: 'fd', right: true },
      { heading: 'whose' },
      { heading: 'waits for' },
      { heading: 'last ready', optional: true },
    ],
    rows,
  };
}

function eventLine(chalk: ChalkInstance, event: LifecycleEvent, isLast: boolean, options: Emphasis): string {
  const id = 'connection' in event ? event.connection : undefined;
  const who = `${(event.at / 1e6).toFixed(4)} ${id === undefined ? escapeControls(event.thread) : `#${id}`} `;
  const text = cutBeforeResult(event, `${who}${whatHappened(event, true)}`, options.width);
  if (isLast) return chalk.inverse(padEnd(text, options.width));
  if (isTrouble(event)) return chalk.red(text);
  return styleOf(chalk, id, 0, { ...options, freshUs: -1 })(text);
}

/** Of a system call the arguments are cut, never what it returned. */
function cutBeforeResult({ event }: LifecycleEvent, text: string, width: number): string {
  const result = event === 'call' ? text.slice(text.lastIndexOf(') = ')) : '';
  return cut(text.slice(0, text.length - result.length), width - result.length) + result;
}

const ageOf = (since: number, at: number): string => (at >= since ? duration(at - since) : '');

/** In its connection's colour, bold where it has just changed, dim where another one is followed. */
function styleOf(
  chalk: ChalkInstance,
  connection: number | undefined,
  ageUs: number,
  { freshUs, isOther }: Emphasis,
): (text: string) => string {
  if (isOther(connection)) return (text) => chalk.dim(text);
  const colour = tableColour(chalk, connection);
  return ageUs <= freshUs ? (text) => chalk.bold(colour(text)) : (text) => colour(text);
}
