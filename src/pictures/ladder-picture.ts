// A ladder as SVG, in the style of "TCP/IP Illustrated": time downwards, the client at the left, the server at the right,
// their calls and the states of both ends beside them, and between them the segments.

import type { Followed, IsOther } from '../board/followed.js';
import { modelColour } from '../compare/model-colours.js';
import { connectionColour, type Pair } from '../compare/report/connection-colours.js';
import type { TcpState } from '../net/tcp-states.js';
import { count, duration } from '../terminal/quantities.js';
import { cut, wrap } from '../terminal/width.js';
import { bestConnection, type EndStep, type Ladder, ladderName, ladderOf, type Side } from './ladder.js';
import { type Layout, layoutOf, type PlacedSegment, type PlacedState } from './ladder-layout.js';
import type { Run } from './run.js';
import { FAINT, INK, rectAt, round, type StyleRule, svgOf, textAt } from './svg.js';

const EDGE = 24;
/** Of each end, from the outside: the time, the calls, the states, the line. */
const TIMES = 60;
const CALLS: Readonly<Record<Side, number>> = { client: 150, server: 158 };
const STATES = 88;
const LINE = 7;
/** Between the two ends: of a ladder alone, and of one beside another. */
const WIDE = 320;
const NARROW = 180;
const MOST_BESIDE = 2;
const BETWEEN = 36;
const HEAD = 58;
const TITLE = 66;
const LEGEND = 96;
/** The width of a character in the small text and in the faint one. */
const CHARACTER = 7.3;
const FAINT_CHARACTER = 6.6;

const TROUBLE: Pair = { light: '#b42318', dark: '#ff9d93' };
const OPENING: Pair = { light: '#8a5a00', dark: '#e6b450' };
const OPEN: Pair = { light: '#0f7a3d', dark: '#6fd48f' };
const CLOSING: Pair = { light: '#8e2f8e', dark: '#d993f2' };

const PHASES: Partial<Record<TcpState, string>> = {
  SYN_SENT: 'opening',
  SYN_RECV: 'opening',
  ESTABLISHED: 'open',
  FIN_WAIT1: 'closing',
  FIN_WAIT2: 'closing',
  CLOSING: 'closing',
  CLOSE_WAIT: 'closing',
  LAST_ACK: 'closing',
};
/** Before the connection and after it. */
const phaseOf = (state: TcpState): string => PHASES[state] ?? 'still';

/**
 * The same connection of every server that has it, or one of the same client's, beside each other; undefined where no server
 * has any.
 */
export function ladderPicture(
  run: Run,
  followed: Followed,
  othersOf: (server: number) => IsOther,
): string | undefined {
  const all = run.servers.map((server, i) => bestConnection(server, othersOf(i)));
  const first = all.find((id) => id !== undefined);
  if (first === undefined) return undefined;
  const ladders = run.servers
    .map((server, i) => ladderOf(server, typeof followed === 'string' ? all[i] : first))
    .filter((ladder) => ladder !== undefined);
  if (ladders.length === 0) return undefined;
  const middle = ladders.length === 1 ? WIDE : NARROW;
  const pens = ladders.map((ladder) => new LadderPen(ladder, layoutOf(ladder), middle));
  const across = Math.min(pens.length, MOST_BESIDE);
  const width = 2 * EDGE + across * (pens[0]!.width + BETWEEN) - BETWEEN;
  const { placed, bottom } = arranged(pens, across);
  const height = bottom + LEGEND;
  const whose = typeof followed === 'string' ? `A connection of ${followed}` : `Connection #${first}`;
  const title = `${whose}, from its first segment to its last`;
  return svgOf({
    title,
    width,
    height,
    rules: [
      ...RULES,
      ...ladders.map(({ server }): StyleRule => [`text.${classOf(server)}`, 'fill', modelColour(server)]),
      ['path.data', 'stroke', connectionColour(first)],
      ['text.data', 'fill', connectionColour(first)],
    ],
    elements: [
      textAt(EDGE, 36, title, { kind: 'title' }),
      textAt(EDGE, 57, cut(run.title, Math.floor((width - 2 * EDGE) / FAINT_CHARACTER)), {
        kind: 'faint',
      }),
      ...placed,
      ...legend(ladders, height - LEGEND + 14, width),
    ],
  });
}

/** Side by side, and further ones below. */
function arranged(pens: readonly LadderPen[], across: number): { placed: string[]; bottom: number } {
  const placed: string[] = [];
  let y = TITLE;
  for (let first = 0; first < pens.length; first += across) {
    const row = pens.slice(first, first + across);
    for (const [i, pen] of row.entries()) {
      const x = EDGE + i * (pen.width + BETWEEN);
      placed.push(`<g transform="translate(${x} ${y})">\n${pen.elements().join('\n')}\n</g>`);
    }
    y += HEAD + Math.max(...row.map(({ layout }) => layout.height)) + BETWEEN / 2;
  }
  return { placed, bottom: y };
}

const RULES: readonly StyleRule[] = [
  ['text.small', 'font-size', '12px'],
  ['text.state,text.kind', 'font', '600 11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace'],
  ['text.trouble', 'fill', TROUBLE],
  ['path', 'fill', 'none'],
  ['path', 'stroke', INK],
  ['path', 'stroke-width', '1.4'],
  ['.dashed', 'stroke-dasharray', '5 4'],
  ['.buffer,.pause', 'stroke', FAINT],
  ['.buffer', 'stroke-width', '1.2'],
  ['.tie', 'stroke', FAINT],
  ['.tie', 'stroke-width', '0.8'],
  ['.pause', 'stroke-dasharray', '1 5'],
  ['.opening', 'fill', OPENING],
  ['.open', 'fill', OPEN],
  ['.closing', 'fill', CLOSING],
  ['.still', 'fill', FAINT],
  ['rect.still', 'opacity', '0.35'],
  ['text.opening', 'fill', OPENING],
  ['text.open', 'fill', OPEN],
  ['text.closing', 'fill', CLOSING],
  ['text.still', 'fill', FAINT],
  ['path.RST', 'stroke', TROUBLE],
  ['text.RST', 'fill', TROUBLE],
];

const classOf = (server: string): string => `server-${modelColour(server).light.slice(1)}`;

/** From the outer edge of an end to the inner side of its line. */
const innerOf = (side: Side): number => TIMES + CALLS[side] + STATES + LINE;

/** Draws one ladder. What is at the left for the client is at the right for the server. */
class LadderPen {
  readonly layout: Layout;
  readonly #ladder: Ladder;
  readonly #middle: number;
  readonly #zero: number;

  constructor(ladder: Ladder, layout: Layout, middle: number) {
    this.#ladder = ladder;
    this.layout = layout;
    this.#middle = middle;
    this.#zero = Math.min(...[...ladder.client, ...ladder.ofServer].map(({ at }) => at));
  }

  get width(): number {
    return innerOf('client') + this.#middle + innerOf('server');
  }

  elements(): string[] {
    const { segments, states, steps, pauses } = this.layout;
    return [
      ...this.#head(),
      `<g transform="translate(0 ${HEAD})">`,
      ...pauses.flatMap(({ y, us }) => this.#pause(y, us)),
      ...(['client', 'server'] as const).flatMap((side) =>
        states[side].flatMap((placed) => this.#state(side, placed)),
      ),
      ...segments.flatMap((placed) => this.#segment(placed)),
      ...steps.flatMap(({ step, y }) => this.#step(step, y)),
      '</g>',
    ];
  }

  /** So far from the outer edge of an end. */
  #x(side: Side, from: number): number {
    return side === 'client' ? from : this.width - from;
  }

  get #lineOf(): Readonly<Record<Side, number>> {
    return { client: this.#x('client', innerOf('client')), server: this.#x('server', innerOf('server')) };
  }

  #head(): string[] {
    const { server, client } = this.#ladder;
    return [
      textAt(this.#lineOf.client, 28, 'client', { kind: 'name', anchor: 'end' }),
      textAt(this.#lineOf.client, 46, client.length > 0 ? ' ' : 'not recorded: all of it is inferred', {
        kind: 'faint small',
        anchor: 'end',
      }),
      textAt(this.#lineOf.server, 28, server, { kind: `name ${classOf(server)}` }),
      textAt(this.#lineOf.server, 46, ladderName(this.#ladder), { kind: 'faint small' }),
    ];
  }

  #pause(y: number, us: number): string[] {
    const { client, server } = this.#lineOf;
    return [
      `<path class="pause" d="M${client + 6} ${round(y)}H${server - 6}"/>`,
      textAt((client + server) / 2, y - 5, `${duration(us, 2)} later`, {
        kind: 'small faint',
        anchor: 'middle',
      }),
    ];
  }

  /** Its part of the line, and its name at the beginning of that. */
  #state(side: Side, { state, from, to }: PlacedState): string[] {
    const phase = phaseOf(state);
    const x = this.#x(side, innerOf(side)) - (side === 'client' ? LINE : 0);
    const bar = rectAt(phase, x, from, LINE, Math.max(0, to - from - 1), 2);
    const anchor = side === 'client' ? 'end' : undefined;
    const nameAt = this.#x(side, innerOf(side) - LINE - 7);
    return [bar, textAt(nameAt, from + 11, state, { kind: `state ${phase}`, anchor })];
  }

  #segment({ segment, departs, arrives, taken, isKnown }: PlacedSegment): string[] {
    const { from, kind, label } = segment;
    const line = this.#lineOf;
    const [begin, end] = from === 'client' ? [line.client, line.server] : [line.server, line.client];
    const inward = from === 'client' ? 1 : -1;
    const [x1, x2] = [begin + 3 * inward, end - 3 * inward];
    const angle = Math.atan2(arrives - departs, x2 - x1);
    const head = [0.35, -0.35].map((turn) => [
      x2 - 10 * Math.cos(angle + turn),
      arrives - 10 * Math.sin(angle + turn),
    ]);
    const dashed = isKnown ? '' : ' dashed';
    const slope = (arrives - departs) / (x2 - x1);
    // Near the end that sent it, where the next segment is not yet.
    const middle = x1 + (x2 - x1) * LABEL_AT;
    const tilt = (Math.atan(slope) * 180) / Math.PI;
    const y = departs + slope * (middle - x1) - 4;
    return [
      `<path class="${kind}${dashed}" d="M${round(x1)} ${round(departs)}L${round(x2)} ${round(arrives)}"/>`,
      `<path class="${kind}" d="M${round(head[0]![0]!)} ${round(head[0]![1]!)}L${round(x2)} ${round(arrives)}L${round(head[1]![0]!)} ${round(head[1]![1]!)}"/>`,
      `<g transform="rotate(${round(tilt)} ${round(middle)} ${round(y)})">${textAt(middle, y, label, { kind: `kind ${kind}`, anchor: 'middle' })}</g>`,
      ...(taken === undefined ? [] : [this.#buffer(end, inward, arrives, taken)]),
    ];
  }

  /** From its arrival to the call that took it. */
  #buffer(x: number, inward: number, from: number, to: number): string {
    const beside = x - 6 * inward;
    return `<path class="buffer" d="M${round(x - 2 * inward)} ${round(from)}H${round(beside)}V${round(to)}h${4 * inward}"/>`;
  }

  #step({ side, at, text, isQuiet, isTrouble }: EndStep, y: number): string[] {
    const mood = isTrouble ? ' trouble' : isQuiet ? ' faint' : '';
    const [outside, inside] = side === 'client' ? [undefined, 'end' as const] : ['end' as const, undefined];
    const callsAt = this.#x(side, TIMES + CALLS[side] - 4);
    const call = cut(text, Math.floor(CALLS[side] / CHARACTER));
    return [
      textAt(this.#x(side, 0), y + 4, duration(at - this.#zero), { kind: 'small faint', anchor: outside }),
      textAt(callsAt, y + 4, call, { kind: `small${mood}`, anchor: inside }),
    ];
  }
}

/** Of the way of a segment. */
const LABEL_AT = 0.5;

function legend(ladders: readonly Ladder[], y: number, width: number): string[] {
  const leftOut = ladders.reduce((sum, ladder) => sum + ladder.leftOut, 0);
  const lines = wrap(
    [
      'Solid: both calls are recorded, the one that sent it and the one that took it.',
      'Dashed: TCP must have sent it, but no event says so; ACKs of data are left out.',
      'In (): no event says so either. Bracket: it lay in the kernel until the program took it.',
      'States: what follows from the segments (RFC 9293).',
      'Times: when each call returned, not to scale.',
      ...(leftOut > 0 ? [`${count(leftOut, 'step')} in the middle left out.`] : []),
    ].join(' '),
    Math.floor((width - 2 * EDGE) / CHARACTER),
  );
  return [
    `<path class="tie" d="M${EDGE} ${round(y - 16)}H${round(width - EDGE)}"/>`,
    ...lines.map((line, i) => textAt(EDGE, y + 4 + i * 17, line, { kind: 'faint small' })),
  ];
}
