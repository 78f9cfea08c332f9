// One connection as both ends saw it: the calls of each, and the segments between them. What the events do not say and TCP
// must have done is marked as such. Data in, data out; ladder-picture.ts draws it.

import type { IsOther } from '../board/followed.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { type FourTuple, formatFourTuple } from '../net/four-tuple.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import { count, duration } from '../terminal/quantities.js';
import { type Folded, isNothing, worthTelling } from '../terminal/words.js';
import type { RunServer } from './run.js';

export type Side = 'client' | 'server';

/** Something that one end did, in the order in which it did it. */
export interface EndStep {
  readonly side: Side;
  readonly at: number;
  readonly text: string;
  /** Of no interest to TCP: a thread sleeps, a loop watches. */
  readonly isQuiet?: true;
  /** It ends a conversation in a way that nobody wished for. */
  readonly isTrouble?: true;
}

export type SegmentKind = 'SYN' | 'SYN-ACK' | 'ACK' | 'data' | 'FIN' | 'RST';

/** A segment, or several of them with the bytes of one call. */
export interface Segment {
  readonly from: Side;
  readonly kind: SegmentKind;
  readonly label: string;
  /** The step that sent it, and the one that took it; undefined where no event says so. */
  readonly sentBy: EndStep | undefined;
  readonly takenBy: EndStep | undefined;
}

export interface Ladder {
  readonly server: string;
  readonly connection: number;
  readonly fourTuple: FourTuple | undefined;
  /** Of each end, in the order of time; none of a client that was not recorded. */
  readonly client: readonly EndStep[];
  readonly ofServer: readonly EndStep[];
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
  const steps = server.length + client.length;
  server = shortened(server);
  client = shortened(client);
  const kept = new Set<EndStep>([...server, ...client]);
  return {
    server: name,
    connection,
    fourTuple,
    client,
    ofServer: server,
    segments: segments.filter(({ sentBy, takenBy }) =>
      [sentBy, takenBy].every((step) => step === undefined || kept.has(step)),
    ),
    leftOut: steps - kept.size,
  };
}

/** `#6 of blocking, (127.0.0.1, 52356, 127.0.0.1, 8080)`. */
export const ladderName = ({ connection, fourTuple }: Ladder): string =>
  `#${connection}${fourTuple === undefined ? '' : ` ${formatFourTuple(fourTuple)}`}`;

/** A step with what it means to TCP. */
interface StepOf extends EndStep {
  readonly does: 'connect' | 'connected' | 'accept' | 'send' | 'recv' | 'end' | 'reset' | 'close' | 'other';
  readonly bytes: number;
  /** How many calls it was, where it is several. */
  readonly calls?: number;
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
  for (const moment of moments) {
    const step = clientStep(moment);
    const last = steps.at(-1);
    if (last?.does !== step.does || (step.does !== 'send' && step.does !== 'recv')) {
      steps.push(step);
      continue;
    }
    const bytes = last.bytes + step.bytes;
    const calls = (last.calls ?? 1) + 1;
    steps[steps.length - 1] = { ...step, bytes, calls, text: transferText(step.does, bytes, calls) };
  }
  return steps;
}

/** `recv = 60`, or `recv x3 = 180` for three calls. */
const transferText = (call: string, bytes: number, calls = 1): string =>
  `${call}${calls === 1 ? '' : ` x${calls}`} = ${bytes}`;

function clientStep({ at, event, bytes = 0, withReset }: ClientMoment): StepOf {
  const step = { side: 'client', at, bytes } as const;
  switch (event) {
    case 'connecting':
      return { ...step, does: 'connect', text: 'connect' };
    case 'connected':
      return { ...step, does: 'connected', text: 'connect = 0' };
    case 'sent':
      return { ...step, does: 'send', text: transferText('send', bytes) };
    case 'received':
      return { ...step, does: 'recv', text: transferText('recv', bytes) };
    case 'peer-closed':
      return { ...step, does: 'end', text: 'recv = 0' };
    case 'reset':
      return { ...step, does: 'reset', text: 'ECONNRESET', isTrouble: true };
    case 'closed':
      return { ...step, does: 'close', text: 'close', ...(withReset ? { withReset } : {}) };
    default:
      return { ...step, does: 'other', text: event.replaceAll('-', ' '), isTrouble: true };
  }
}

/** `brief`: without what is of no interest to TCP. */
function serverSteps(events: readonly LifecycleEvent[], brief: boolean): StepOf[] {
  const told = worthTelling(events.filter((event) => !brief || !QUIET.has(event.event)));
  const slept = sleeps(events);
  const steps = told.map((event) => serverStep(event, slept)).filter((step) => step !== undefined);
  return withShutdown(steps, events);
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
  const afterwards = steps.slice(send + 1).map(
    (step) => (step.does === 'close' ? { ...step, does: 'other' as const } : step), // it sends nothing any more
  );
  return [...steps.slice(0, send + 1), shutdown, ...afterwards];
}

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

function serverStep(event: Folded, slept: ReadonlyMap<number, number>): StepOf | undefined {
  const step = (does: StepOf['does'], text: string, more: Partial<StepOf> = {}): StepOf => {
    return { side: 'server', at: event.at, bytes: 0, does, text, ...more };
  };
  const quiet = (text: string): StepOf => step('other', text, { isQuiet: true });
  const trouble = (text: string): StepOf => step('other', text, { isTrouble: true });
  switch (event.event) {
    case 'accepted':
      return step('accept', `accept4 = ${event.fd}`);
    case 'received':
      return step('recv', transferText('recv', event.bytes, event.calls), { bytes: event.bytes });
    case 'request':
      return quiet(`${event.method} ${event.target}`);
    case 'sent':
      return step('send', transferText('send', event.bytes, event.calls), {
        bytes: event.bytes,
        ...(event.status === undefined ? {} : { label: String(event.status) }),
      });
    case 'peer-closed':
      return step('end', 'recv = 0');
    case 'reset':
      return step('reset', 'ECONNRESET', { isTrouble: true });
    case 'closed':
      return step('close', 'close');
    case 'left-open':
      return step('other', 'no close');
    case 'timed-out':
      return trouble(`out of time: ${event.seconds} s`);
    case 'bad-request':
      return trouble(`bad request: ${event.status}`);
    case 'blocked': {
      const us = slept.get(event.at);
      return quiet(`asleep in ${event.call}${us === undefined ? '' : ` ${duration(us, 2)}`}`);
    }
    case 'watching':
      return quiet(`watch ${isNothing(event.interest) ? 'nothing' : event.interest}`);
    case 'ready':
      return quiet(`ready ${event.readiness}`);
    default:
      return undefined;
  }
}

/** The first and the last steps of a story that is too long. */
function shortened(steps: StepOf[]): StepOf[] {
  if (steps.length <= MOST_STEPS) return steps;
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
