// What the lanes' looks mean, each shown by the painter itself, so that the legend can't differ from the lanes.

import type { TrackSegment } from '../compare/report/lanes.js';
import { followTheme } from './colours.js';
import { element } from './dom.js';
import { paint } from './lane-painter.js';

const SAMPLE = { width: 76, height: 27 };

const entries = (
  atWork: string,
): readonly (readonly [TrackSegment['state'], string, Partial<TrackSegment>])[] => [
  ['working', `${atWork} for #1`, { connection: 1 }],
  ['asleep', 'asleep for #1', { connection: 1, call: 'recv' }],
  ['asleep', 'asleep for any', { call: 'accept4' }],
  ['working', `${atWork} for none`, {}],
  ['idle', 'waits for work', { call: 'futex' }],
  ['starting', 'thread starts', { connection: 2 }],
  ['waiting', 'in the accept queue', {}],
  ['receiving', 'open, nothing to do', { connection: 3 }],
];

export function legend(atWork: string): HTMLElement {
  const items = entries(atWork).map(([state, text, what]) => {
    const canvas = element('canvas', { 'aria-hidden': 'true' });
    const draw = (): void => sample(canvas, { from: 0, to: 1000, state, ...what });
    draw();
    followTheme(draw);
    return element('li', canvas, ` ${text}`);
  });
  return element('ul', { class: 'legend' }, ...items);
}

function sample(canvas: HTMLCanvasElement, segment: TrackSegment): void {
  paint(canvas, {
    ...SAMPLE,
    boxes: [{ track: { segments: [segment], events: [] }, top: 0, height: SAMPLE.height }],
    view: { from: 0, to: 1000 },
    scrollTop: 0,
    fontPx: 14,
    grid: [],
    marks: [],
    isOther: () => false,
    openAt: () => 0,
  });
}
