// What a server did during a step, in words: a line for each fact that a group of connections shares, whose numbers are
// the lowest and the highest of the group.

import { statusText } from '../../http/reasons.js';
import type { SleepCall } from '../../lifecycle/events.js';
import { formatPorts } from '../../net/four-tuple.js';
import { escapeControls } from '../../terminal/escape.js';
import { count, duration, number } from '../../terminal/quantities.js';
import type { AtOnce, Piece, Transfers } from './server-step.js';

/** A shorter wait in the accept queue, in microseconds, is too short to see. */
const AT_ONCE_US = 5000;
/** Shorter work is not worth a line, in microseconds. */
const LONG_WORK_US = 100_000;
/** Fewer calls than these to read or send bytes get no line of their own. */
const MANY_CALLS = 3;

/** What the client asked for and what it got: pieces with the same words are one group. */
export function outcome(piece: Piece): string {
  const { request, requests, statuses, trouble, closed, peerClosed, accepted, received, sent } = piece;
  const often = requests > 1 ? `${requests} x ` : '';
  const inPieces = received.calls >= MANY_CALLS && requests < 2 ? ' in pieces' : '';
  const asked = request === undefined ? [] : [`${often}${escapeControls(request)}${inPieces}`];
  const replies = [...new Set(statuses)].map(statusText);
  const unknown = request !== undefined && replies.length + trouble.length === 0;
  // Of a server that is not ours nobody knows the status.
  const soFar = sent.bytes > 0 ? 'answered' : 'no reply yet';
  const words = [...asked, ...replies, ...trouble, ...(unknown ? [soFar] : [])];
  if (words.length > 0) return words.join(' ');
  if (received.calls > 0) return `${count(received.bytes, 'byte')} of a request`;
  if (closed === undefined) return 'silent';
  const by = peerClosed ? 'the client closes' : `closed: ${closed.reason}`;
  return accepted === undefined ? by : `silent, ${by}`;
}

/** `#6`, `#6-#9`, `#6, #8-#10`; of many that do not follow each other, how many. */
export function idsOf(pieces: readonly Piece[]): string {
  const runs: [number, number][] = [];
  for (const { id } of pieces) {
    const last = runs.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  if (runs.length > 3) return `${number(pieces.length)} of #${pieces[0]!.id}-#${pieces.at(-1)!.id}`;
  return runs.map(([from, to]) => (from === to ? `#${from}` : `#${from}-#${to}`)).join(', ');
}

/** The facts about a group, in the order of time; each has a name that is the same for every server. */
export const FACTS: readonly ((pieces: readonly Piece[]) => string | undefined)[] = [
  fourTuple,
  accepted,
  servedBy,
  (pieces) => manyCalls(pieces, ({ received }) => received, 'reads'),
  (pieces) => manyCalls(pieces, ({ sent }) => sent, 'sends'),
  sleeps,
  longWork,
  closed,
];

/** Of one connection alone. */
function fourTuple(pieces: readonly Piece[]): string | undefined {
  const accepted = pieces.length === 1 ? pieces[0]!.accepted : undefined;
  return accepted && `${formatPorts(accepted.fourTuple)} fd ${accepted.fd}`;
}

function accepted(pieces: readonly Piece[]): string | undefined {
  if (pieces.every((piece) => piece.accepted === undefined)) return undefined;
  const waits = pieces.flatMap(({ waitedUs }) => waitedUs ?? []);
  const longest = most(waits);
  if (longest >= AT_ONCE_US) return `accepted within ${duration(longest, 2)}`;
  return waits.length < pieces.length ? 'accepted' : 'accepted at once';
}

function servedBy(pieces: readonly Piece[]): string | undefined {
  const served = pieces.flatMap(({ server }) => server ?? []);
  const started = served.flatMap(({ tookUs }) => tookUs ?? []);
  const [first] = served;
  if (first === undefined) return watchedBy(pieces);
  const { kind, name, tookUs } = first;
  if (pieces.length === 1)
    return tookUs === undefined
      ? `on idle ${kind} ${name}`
      : `${kind} ${name} started in ${duration(tookUs, 2)}`;
  const plural = kind === 'process' ? 'processes' : 'threads';
  const again = served.length - started.length;
  const idle = again > 0 ? `; idle ${plural} took ${number(again)} more` : '';
  if (started.length > 0) return `${count(started.length, kind, plural)} started in ${span(started)}${idle}`;
  return `on ${count(new Set(served.map((each) => each.name)).size, `idle ${kind}`)}`;
}

function watchedBy(pieces: readonly Piece[]): string | undefined {
  const watched = pieces.flatMap(({ accepted, watched }) => (accepted && watched) ?? []);
  const [first] = watched;
  if (first === undefined) return undefined;
  const loops = [...new Set(watched.map(({ thread }) => thread))].toSorted();
  if (loops.length > 2) return `${number(loops.length)} loops watch them`;
  if (loops.length === 2) return `${loops.join(' and ')} watch them`;
  if (watched.length > 1) return `${first.thread} watches them`;
  return `${first.thread} watches fd ${first.fd} for ${first.interest}`;
}

/** A request that comes in many pieces is many reads, and a reply that fills the buffer many sends. */
function manyCalls(
  pieces: readonly Piece[],
  of: (piece: Piece) => Transfers,
  name: string,
): string | undefined {
  const calls = most(pieces.map((piece) => of(piece).calls));
  if (calls < MANY_CALLS) return undefined;
  const bytes = most(pieces.map((piece) => of(piece).bytes));
  return `${count(bytes, 'byte')} in ${number(calls)} ${name}${pieces.length > 1 ? ' each' : ''}`;
}

/** Between two calls a thread sleeps; a loop gets a report that it can make the next one. */
function sleeps(pieces: readonly Piece[]): string | undefined {
  const ready = most(pieces.map((piece) => piece.ready));
  const each = pieces.length > 1 ? ' each' : '';
  if (ready >= MANY_CALLS) return `ready ${number(ready)} times${each}`;
  const calls = new Set(pieces.flatMap(({ slept }) => [...slept.keys()]));
  const often = [...calls].flatMap((call) => {
    const times = most(pieces.map(({ slept }) => slept.get(call) ?? 0));
    return times < MANY_CALLS ? [] : [`asleep in ${call} ${number(times)} times${each}`];
  });
  return often.join(', ') || undefined;
}

function longWork(pieces: readonly Piece[]): string | undefined {
  const longest = pieces.map(({ worked }) => worked).reduce((a, b) => (b.us > a.us ? b : a));
  if (longest.us < LONG_WORK_US) return undefined;
  return `${longest.thread} works on ${pieces.length > 1 ? 'one' : 'it'} for ${duration(longest.us, 2)}`;
}

function closed(pieces: readonly Piece[]): string | undefined {
  const all = pieces.flatMap((piece) => piece.closed ?? []);
  if (all.length === 0) return undefined;
  const of = all.length < pieces.length ? `${number(all.length)} ` : '';
  return `${of}open for ${span(all.map(({ durationUs }) => durationUs))}`;
}

/** Of any number: as arguments of Math.max() they would fill the stack. */
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

/** `44 to 140 ms`, `300 us to 2.1 s`. */
function span(us: readonly number[]): string {
  const shortest = us.reduce((a, b) => Math.min(a, b));
  const [from, to] = [duration(shortest, 2), duration(most(us), 2)];
  if (from === to) return to;
  const unit = ` ${to.split(' ').at(-1)}`;
  return `${from.endsWith(unit) ? from.slice(0, -unit.length) : from} to ${to}`;
}

/** What a thread sleeps in while it has nobody to serve. */
const UNOCCUPIED: readonly SleepCall[] = ['accept4', 'futex'];

/** In the order in which they stand. */
export const AT_ONCE = ['queued', 'timers', 'asleep'] as const;

/** How many at once: a line for each thing that is counted, by a name that is the same for every server. */
export function linesOf({ asleep, timers, queued }: AtOnce): ReadonlyMap<(typeof AT_ONCE)[number], string> {
  const busy = [...asleep].filter(([call]) => !UNOCCUPIED.includes(call)).sort(([, a], [, b]) => b - a);
  const threads = busy.map(([call, sleepers], i) =>
    i === 0 ? `${count(sleepers, 'thread')} asleep in ${call}` : `${number(sleepers)} in ${call}`,
  );
  const lines: [(typeof AT_ONCE)[number], string, number][] = [
    ['queued', `${number(queued)} in accept queue`, queued],
    ['timers', count(timers, 'timer'), timers],
    ['asleep', threads.join(', '), busy[0]?.[1] ?? 0],
  ];
  return new Map(
    lines.flatMap(([name, text, times]) =>
      times === 0 ? [] : [[name, `${times > 1 ? 'up to ' : ''}${text}`] as const],
    ),
  );
}
