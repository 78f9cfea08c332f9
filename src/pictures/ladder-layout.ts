// Where everything of a ladder is drawn: time goes downwards, but not to scale. Each end has its own order, and nothing is
// taken above where it was sent. The states of both ends follow from the segments.

import type { TcpState } from '../net/tcp-states.js';
import type { EndStep, Ladder, Segment, Side } from './ladder.js';
import { type Happening, stateAfter } from './tcp-end.js';

/** Between two steps of one end, and between two of any. */
const APART = 27;
const LEAST_APART = 11;
/** How much lower a segment comes in than it went out. */
const SLANT = 30;
/** A longer pause, in microseconds, has a gap of its own. */
const PAUSE_US = 20_000;
const GAP = 30;
/** Above the first step and below the last one. */
const TOP = 22;

export interface PlacedStep {
  readonly step: EndStep;
  readonly y: number;
}

export interface PlacedSegment {
  readonly segment: Segment;
  readonly departs: number;
  readonly arrives: number;
  /** Where the program took it, if that is clearly below: until then it lay in the kernel. */
  readonly taken: number | undefined;
  /** Whether both ends reported it. */
  readonly isKnown: boolean;
}

export interface PlacedState {
  readonly state: TcpState;
  readonly from: number;
  readonly to: number;
}

export interface Pause {
  readonly y: number;
  readonly us: number;
}

export interface Layout {
  readonly steps: readonly PlacedStep[];
  readonly segments: readonly PlacedSegment[];
  readonly states: Readonly<Record<Side, readonly PlacedState[]>>;
  readonly pauses: readonly Pause[];
  readonly height: number;
}

export function layoutOf(ladder: Ladder): Layout {
  return new Placer(ladder).layout();
}

const OTHER: Readonly<Record<Side, Side>> = { client: 'server', server: 'client' };

class Placer {
  readonly #ladder: Ladder;
  readonly #steps: PlacedStep[] = [];
  readonly #yOf = new Map<EndStep, number>();
  readonly #segments = new Map<Segment, PlacedSegment>();
  readonly #pauses: Pause[] = [];
  /** The lowest that is drawn at each end. */
  readonly #low: Record<Side, number> = { client: TOP, server: TOP };
  #cursor = TOP;
  /** The lowest end of a segment. */
  #lowest = TOP;
  #lastAt: number | undefined;

  constructor(ladder: Ladder) {
    this.#ladder = ladder;
  }

  layout(): Layout {
    if (this.#ladder.client.length === 0) this.#shakeHands(TOP + APART);
    const waiting = { client: [...this.#ladder.client], server: [...this.#ladder.ofServer] };
    for (let next = this.#next(waiting); next !== undefined; next = this.#next(waiting)) this.#place(next);
    this.#unsent();
    const segments = [...this.#segments.values()];
    const height = Math.max(this.#cursor, this.#lowest) + TOP;
    return {
      steps: this.#steps,
      segments,
      states: {
        client: statesOf('client', segments, height),
        server: statesOf('server', segments, height),
      },
      pauses: this.#pauses,
      height,
    };
  }

  /** The earlier one of those whose segments have been sent; taken off. */
  #next(waiting: Record<Side, EndStep[]>): EndStep | undefined {
    const heads = [waiting.client[0], waiting.server[0]].filter((step) => step !== undefined);
    const ready = heads.filter((step) =>
      this.#taking(step).every(({ sentBy }) => sentBy === undefined || this.#yOf.has(sentBy)),
    );
    const [next] = (ready.length > 0 ? ready : heads).sort((a, b) => a.at - b.at);
    if (next !== undefined) waiting[next.side].shift();
    return next;
  }

  #taking(step: EndStep): Segment[] {
    return this.#ladder.segments.filter(({ takenBy }) => takenBy === step);
  }

  #place(step: EndStep): void {
    const { side } = step;
    this.#pauseBefore(step);
    let y = Math.max(this.#low[side] + APART, this.#cursor + LEAST_APART);
    for (const segment of this.#taking(step))
      if (!this.#segments.has(segment)) y = Math.max(y, this.#earliestArrival(segment) + LEAST_APART);
    this.#steps.push({ step, y });
    this.#yOf.set(step, y);
    this.#low[side] = y;
    this.#cursor = y;
    for (const segment of this.#taking(step)) this.#take(segment, y);
    for (const segment of this.#ladder.segments) if (segment.sentBy === step) this.#send(segment, y);
  }

  #pauseBefore({ at }: EndStep): void {
    const us = at - (this.#lastAt ?? at);
    this.#lastAt = Math.max(at, this.#lastAt ?? at);
    if (us < PAUSE_US) return;
    const y = Math.max(this.#cursor, this.#lowest) + GAP * 0.7;
    this.#pauses.push({ y, us });
    this.#cursor = y;
  }

  /** Of a segment that nobody reported to have sent, so that it has room. */
  #earliestArrival({ from }: Segment): number {
    return Math.max(this.#low[from] + LEAST_APART, this.#cursor) + SLANT;
  }

  #take(segment: Segment, y: number): void {
    const placed = this.#segments.get(segment);
    const arrives = placed?.arrives ?? y - LEAST_APART;
    const taken = y - arrives > LEAST_APART + 4 ? y : undefined;
    const isKnown = segment.sentBy !== undefined && segment.kind !== 'ACK';
    this.#set(segment, { departs: placed?.departs ?? arrives - SLANT, arrives, taken, isKnown });
    if (placed === undefined && segment.kind === 'FIN') this.#acknowledge(segment, arrives);
  }

  #send(segment: Segment, y: number): void {
    this.#set(segment, { departs: y, arrives: y + SLANT, taken: undefined, isKnown: false });
    if (segment.kind === 'SYN') this.#answerSyn(y + SLANT);
    if (segment.kind === 'FIN') this.#acknowledge(segment, y + SLANT);
  }

  #set(segment: Segment, placed: Omit<PlacedSegment, 'segment'>): void {
    this.#segments.set(segment, { segment, ...placed });
    const { from } = segment;
    this.#lowest = Math.max(this.#lowest, placed.arrives);
    this.#low[from] = Math.max(this.#low[from], placed.departs);
    this.#low[OTHER[from]] = Math.max(this.#low[OTHER[from]], placed.arrives - APART + LEAST_APART);
  }

  /** The server's kernel does, before any program hears of it. */
  #answerSyn(y: number): void {
    const synAck = this.#ladder.segments.find(({ kind }) => kind === 'SYN-ACK')!;
    this.#set(synAck, { departs: y, arrives: y + SLANT, taken: undefined, isKnown: false });
  }

  /** The handshake of a client that was not recorded. */
  #shakeHands(y: number): void {
    for (const [i, kind] of (['SYN', 'SYN-ACK', 'ACK'] as const).entries()) {
      const segment = this.#ladder.segments.find((each) => each.kind === kind)!;
      const departs = y + i * SLANT;
      this.#set(segment, { departs, arrives: departs + SLANT, taken: undefined, isKnown: false });
      this.#cursor = departs + SLANT;
    }
  }

  /** No event reports the ACK of a FIN: the kernel sends it at once. */
  #acknowledge({ from }: Segment, y: number): void {
    const ack: Segment = {
      from: OTHER[from],
      kind: 'ACK',
      label: 'ACK',
      sentBy: undefined,
      takenBy: undefined,
    };
    this.#set(ack, { departs: y, arrives: y + SLANT, taken: undefined, isKnown: false });
  }

  /** What was never placed, because no step sent or took it. */
  #unsent(): void {
    for (const segment of this.#ladder.segments) {
      if (this.#segments.has(segment)) continue;
      if (segment.sentBy === undefined && segment.takenBy === undefined) continue;
      const y = Math.max(this.#cursor, this.#lowest) + LEAST_APART;
      this.#set(segment, { departs: y, arrives: y + SLANT, taken: undefined, isKnown: false });
    }
  }
}

function statesOf(side: Side, segments: readonly PlacedSegment[], height: number): PlacedState[] {
  const happenings = segments
    .flatMap((placed) => happeningOf(side, placed, segments))
    .sort((a, b) => a.y - b.y);
  const states: PlacedState[] = [];
  let state: TcpState = side === 'client' ? 'CLOSED' : 'LISTEN';
  let from = 0;
  for (const { y, happening } of happenings) {
    const next = stateAfter(state, happening);
    if (next === state) continue;
    states.push({ state, from, to: y });
    [state, from] = [next, y];
  }
  return [...states, { state, from, to: height }];
}

/** What a segment means to one end, and where. */
function happeningOf(
  side: Side,
  { segment, departs, arrives }: PlacedSegment,
  all: readonly PlacedSegment[],
): { readonly y: number; readonly happening: Happening }[] {
  const { from, kind } = segment;
  if (kind === 'data') return [];
  if (from !== side) {
    const isOfFin =
      kind === 'ACK' &&
      all.some(
        (each) => each.segment.kind === 'FIN' && each.segment.from === side && each.arrives === departs,
      );
    return [{ y: arrives, happening: isOfFin ? 'gets ACK of FIN' : `gets ${kind}` }];
  }
  return kind === 'SYN-ACK' || kind === 'ACK' ? [] : [{ y: departs, happening: `sends ${kind}` }];
}
