// One connection as both ends saw it: the calls of each, and the segments between them. What the events do not say and TCP
// must have done is marked as such. Data in, data out; ladder-picture.ts draws it.

import type { IsOther } from '../board/followed.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { type FourTuple, formatFourTuple } from '../net/four-tuple.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import { count, duration } from '../terminal/quantities.js';
import { type Folded, worthTelling } from '../terminal/words.js';
import type { RunServer } from './run.js';

export type Side = 'client' | 'server';

/** Something that one end did, in the order in which it did it. */
export interface Step {
  readonly side: Side;
  readonly at: number;
  readonly text: string;
  /** Of no interest to TCP: a thread sleeps, a loop watches. */
  readonly isQuiet?: true;
  /** It ends a conversation in a way that nobody wished for. */
  readonly isTrouble?: true;
}

export type Kind = 'SYN' | 'SYN-ACK' | 'ACK' | 'data' | 'FIN' | 'RST';

/** A segment, or several of them with the bytes of one call. */
export interface Segment {
  readonly from: Side;
  readonly kind: Kind;
  readonly label: string;
  /** The step that sent it, and the one that took it; undefined where no event says so. */
  readonly sentBy: Step | undefined;
  readonly takenBy: Step | undefined;
}

export interface Ladder {
  readonly server: string;
  readonly connection: number;
  readonly fourTuple: FourTuple | undefined;
  /** Of each end, in the order of time; none of a client that was not recorded. */
  readonly client: readonly Step[];
  readonly ofServer: readonly Step[];
  readonly segments: readonly Segment[];
  /** Steps for which there was no room. */
  readonly leftOut: number;
}

/** Of both ends together; and how many are left at each end of a longer story. */
const MOST_STEPS = 44;
const KEPT_AT_ENDS = 10;
/** By how much the clocks of two processes may differ, in microseconds. */
const TOLERANCE_US = 1000;

/** The connection that shows most: of those that are not another's, the first that was answered and closed, or the first. */
export function bestConnection({ events }: RunServer, isOther: IsOther = () => false): number | undefined {
  const idsOf = (name: LifecycleEvent['event']): number[] =>
    events.flatMap((event) =>
      event.event === name && 'connection' in event && !isOther(event.connection) ? [event.connection!] : [],
    );
  const asked = new Set(idsOf('request'));
  return idsOf('closed').find((id) => asked.has(id)) ?? idsOf('accepted')[0];
}

/** Undefined where the server has not accepted such a connection. */
export function ladderOf(
  { name, events, moments }: RunServer,
  connection: number | undefined,
): Ladder | undefined {
  const own = events.filter((event) => 'connection' in event && event.connection === connection);
  const accepted = own.find((event) => event.event === 'accepted');
  if (connection === undefined || accepted === undefined) return undefined;
  const { fourTuple } = accepted;
  const ofClient = momentsOf(moments, fourTuple, accepted.at);
  let server = serverSteps(own, false);
  let client = clientSteps(ofClient);
  if (server.length + client.length > MOST_STEPS) server = serverSteps(own, true);
  const segments = segmentsOf(server, client);
  const leftOut = { number: 0 };
  server = shortened(server, leftOut);
  client = shortened(client, leftOut);
  const kept = new Set<StepOf>([...server, ...client]);
  return {
    server: name,
    connection,
    fourTuple,
    client,
    ofServer: server,
    segments: segments.filter(({ sentBy, takenBy }) =>
      [sentBy, takenBy].every((step) => step === undefined || kept.has(step as StepOf)),
    ),
    leftOut: leftOut.number,
  };
}

/** `#6 of blocking, (127.0.0.1, 52356, 127.0.0.1, 8080)`. */
export const nameOf = ({ connection, fourTuple }: Ladder): string =>
  `#${connection}${fourTuple === undefined ? '' : ` ${formatFourTuple(fourTuple)}`}`;

/** A step with what it means to TCP. */
interface StepOf extends Step {
  readonly does: 'connect' | 'connected' | 'accept' | 'send' | 'recv' | 'end' | 'reset' | 'close' | 'other';
  readonly bytes: number;
  readonly label?: string;
  readonly withReset?: true;
}

/** Those of the last client with this 4-tuple that had begun by then: a port is used again. */
function momentsOf(
  moments: readonly ClientMoment[],
  fourTuple: FourTuple,
  acceptedAt: number,
): readonly ClientMoment[] {
  const begun = moments.findLast(
    (each) =>
      each.event === 'connecting' &&
      String(each.fourTuple) === String(fourTuple) &&
      each.at <= acceptedAt + TOLERANCE_US,
  );
  return begun === undefined ? [] : moments.filter(({ client }) => client === begun.client);
}

function clientSteps(moments: readonly ClientMoment[]): StepOf[] {
  const steps: StepOf[] = [];
  const calls = new Map<StepOf, number>();
  for (const moment of moments) {
    const step = clientStep(moment);
    const last = steps.at(-1);
    const goesOn = last !== undefined && isTransfer(step) && last.does === step.does;
    if (!goesOn) {
      steps.push(step);
      continue;
    }
    const number = (calls.get(last) ?? 1) + 1;
    const folded = { ...step, ...transfer(step.does, last.bytes + step.bytes, number) };
    calls.set(folded, number);
    steps[steps.length - 1] = folded;
  }
  return steps;
}

/** `recv = 60`, or `recv x3 = 180` for three calls. */
const transfer = <C extends 'send' | 'recv'>(does: C, bytes: number, calls = 1) =>
  ({ does, bytes, text: `${does}${calls === 1 ? '' : ` x${calls}`} = ${bytes}` }) as const;

/** What both ends say alike. */
const ENDINGS = {
  'peer-closed': { does: 'end', text: 'recv = 0' },
  reset: { does: 'reset', text: 'ECONNRESET', isTrouble: true },
  closed: { does: 'close', text: 'close' },
} as const;

const isTransfer = (step: StepOf): step is StepOf & { does: 'send' | 'recv' } =>
  step.does === 'send' || step.does === 'recv';

function clientStep({ at, event, bytes = 0, withReset }: ClientMoment): StepOf {
  const step = { side: 'client', at, bytes } as const;
  switch (event) {
    case 'connecting':
      return { ...step, does: 'connect', text: 'connect' };
    case 'connected':
      return { ...step, does: 'connected', text: 'connect = 0' };
    case 'sent':
      return { ...step, ...transfer('send', bytes) };
    case 'received':
      return { ...step, ...transfer('recv', bytes) };
    case 'peer-closed':
    case 'reset':
      return { ...step, ...ENDINGS[event] };
    case 'closed':
      return { ...step, ...ENDINGS.closed, ...(withReset ? { withReset } : {}) };
    default:
      return { ...step, does: 'other', text: event.replaceAll('-', ' '), isTrouble: true };
  }
}

/** `brief`: without what is of no interest to TCP. */
function serverSteps(events: readonly LifecycleEvent[], brief: boolean): StepOf[] {
  const told = events.filter((event) => !brief || !QUIET.has(event.event));
  const slept = sleeps(events);
  return withShutdown(
    worthTelling(told).flatMap((event) => serverStep(event, slept)),
    events,
  );
}

/**
 * A server that closes for a reason of its own, and has seen the client's end before that, had closed its side earlier: by
 * shutdown(2) after the reply, which no event reports. Then it lingered (RFC 9112, 9.6).
 */
function withShutdown(steps: StepOf[], events: readonly LifecycleEvent[]): StepOf[] {
  const closed = events.find((event) => event.event === 'closed');
  const lingered = closed?.reason === 'bad-request' || closed?.reason === 'replied';
  const close = steps.findIndex(({ does }) => does === 'close');
  const end = steps.findIndex(({ does }) => does === 'end');
  const send = steps.findLastIndex(({ does }) => does === 'send');
  if (!lingered || end < 0 || end > close || send < 0 || send > end) return steps;
  const shutdown: StepOf = { ...steps[send]!, does: 'close', text: '(shutdown)', bytes: 0, isQuiet: true };
  const afterwards = steps.slice(send + 1).map((step) => (step.does === 'close' ? asOther(step) : step));
  return [...steps.slice(0, send + 1), shutdown, ...afterwards];
}

/** It sends nothing any more. */
const asOther = (step: StepOf): StepOf => ({ ...step, does: 'other' });

const QUIET: ReadonlySet<string> = new Set(['blocked', 'resumed', 'watching', 'ready', 'would-block']);

/** How long each sleep was, by its beginning. */
function sleeps(events: readonly LifecycleEvent[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let begun: number | undefined;
  for (const event of events) {
    if (event.event === 'blocked') begun = event.at;
    if (event.event === 'resumed' && begun !== undefined) found.set(begun, event.waitedUs);
  }
  return found;
}

function serverStep(event: Folded, slept: ReadonlyMap<number, number>): StepOf[] {
  const step = { side: 'server', at: event.at, bytes: 0 } as const;
  switch (event.event) {
    case 'accepted':
      return [{ ...step, does: 'accept', text: `accept4 = ${event.fd}` }];
    case 'received':
      return [{ ...step, ...transfer('recv', event.bytes, event.calls) }];
    case 'request':
      return [{ ...step, does: 'other', text: `${event.method} ${event.target}`, isQuiet: true }];
    case 'sent': {
      const label = event.status === undefined ? {} : { label: String(event.status) };
      return [{ ...step, ...transfer('send', event.bytes, event.calls), ...label }];
    }
    case 'peer-closed':
    case 'reset':
    case 'closed':
      return [{ ...step, ...ENDINGS[event.event] }];
    case 'left-open':
      return [{ ...step, does: 'other', text: 'no close' }];
    case 'timed-out':
      return [{ ...step, does: 'other', text: `out of time: ${event.seconds} s`, isTrouble: true }];
    case 'bad-request':
      return [{ ...step, does: 'other', text: `bad request: ${event.status}`, isTrouble: true }];
    case 'blocked': {
      const us = slept.get(event.at);
      const text = `asleep in ${event.call}${us === undefined ? '' : ` ${duration(us, 2)}`}`;
      return [{ ...step, does: 'other', text, isQuiet: true }];
    }
    case 'watching':
      return [{ ...step, does: 'other', text: watchOf(event.interest), isQuiet: true }];
    case 'ready':
      return [{ ...step, does: 'other', text: `ready ${event.readiness}`, isQuiet: true }];
    default:
      return [];
  }
}

/** The loop may want nothing of a descriptor for now. */
const watchOf = (interest: string): string =>
  `watch ${/^(0|EPOLLET|EPOLLEXCLUSIVE)$/.test(interest) ? 'nothing' : interest}`;

/** The first and the last steps of a story that is too long. */
function shortened(steps: StepOf[], leftOut: { number: number }): StepOf[] {
  if (steps.length <= MOST_STEPS) return steps;
  leftOut.number += steps.length - 2 * KEPT_AT_ENDS;
  return [...steps.slice(0, KEPT_AT_ENDS), ...steps.slice(-KEPT_AT_ENDS)];
}

function segmentsOf(server: readonly StepOf[], client: readonly StepOf[]): Segment[] {
  const isKnown = client.length > 0;
  return [
    ...handshake(server, client),
    ...dataBetween('client', isKnown ? client : undefined, server),
    ...dataBetween('server', server, isKnown ? client : undefined),
    ...endings('client', client, server),
    ...endings('server', server, client),
  ];
}

const find = (steps: readonly StepOf[], does: StepOf['does']): StepOf | undefined =>
  steps.find((step) => step.does === does);

/** No event reports these three: the kernels exchange them alone. */
function handshake(server: readonly StepOf[], client: readonly StepOf[]): Segment[] {
  const connected = find(client, 'connected');
  const syn = { from: 'client', kind: 'SYN', label: 'SYN', takenBy: undefined } as const;
  const synAck = { from: 'server', kind: 'SYN-ACK', label: 'SYN, ACK', sentBy: undefined } as const;
  return [
    { ...syn, sentBy: find(client, 'connect') },
    { ...synAck, takenBy: connected },
    { from: 'client', kind: 'ACK', label: 'ACK', sentBy: connected, takenBy: find(server, 'accept') },
  ];
}

/** The bytes of one direction, by the calls that sent them; where these are not known, by those that received them. */
function dataBetween(
  from: Side,
  senders: readonly StepOf[] | undefined,
  receivers: readonly StepOf[] | undefined,
): Segment[] {
  const sends = senders?.filter(({ does }) => does === 'send');
  const receives = receivers?.filter(({ does }) => does === 'recv') ?? [];
  const segment = { from, kind: 'data' } as const;
  if (sends === undefined)
    return receives.map((step) => {
      return { ...segment, label: bytesOf(step), sentBy: undefined, takenBy: step };
    });
  const takers = [...receives];
  let [begin, taken] = [0, 0];
  return sends.map((step) => {
    while (takers.length > 0 && taken + takers[0]!.bytes <= begin) taken += takers.shift()!.bytes;
    begin += step.bytes;
    return { ...segment, label: bytesOf(step), sentBy: step, takenBy: takers[0] };
  });
}

const bytesOf = ({ bytes, label }: StepOf): string =>
  `${count(bytes, 'byte')}${label === undefined ? '' : ` (${label})`}`;

/** A FIN or a RST, where this end sent one as far as anybody knows. */
function endings(from: Side, senders: readonly StepOf[], receivers: readonly StepOf[]): Segment[] {
  const close = find(senders, 'close');
  const reset = find(receivers, 'reset');
  const end = find(receivers, 'end');
  const wasReset = find(senders, 'reset') !== undefined;
  if (reset !== undefined || close?.withReset)
    return [{ from, kind: 'RST', label: 'RST', sentBy: close, takenBy: reset }];
  if (end === undefined && (close === undefined || wasReset)) return [];
  return [{ from, kind: 'FIN', label: 'FIN', sentBy: close, takenBy: end }];
}
