// One server in the timeline: its heading, the names of its threads, and the canvas with their lanes.
// A server with many threads shows the first ones in full and the others as thin lanes, until it is asked to unfold.

import { count, number } from '../../../ui/quantities.js';
import type { Comparison } from '../../comparison.js';
import type { Lane, Segment } from '../lanes.js';
import { palette } from './colours.js';
import { button, element } from './dom.js';
import { firstAfter, type LaneBox, paint, type View } from './lane-painter.js';
import type { Model } from './model.js';

const TITLES: Record<string, string> = {
  iterative: 'one thread, one connection at a time',
  blocking: 'a thread for each connection',
  evented: 'one thread, one loop, every connection',
};

/** So many lanes are never folded; of more than that so many are shown in full. */
const MOST_UNFOLDED = 14;
const SHOWN_IN_FULL = 6;
/** All thin lanes together, as a share of the window; each of them, in CSS pixels, at least and at most. */
const THIN_ROOM = 0.22;
const THINNEST = 0.9;
const THICKEST_THIN = 8;
/** How far from the pointer a narrow piece of work is found, in CSS pixels. */
const REACH = 4;

/** What is under the pointer, or under the keyboard's cursor. */
export interface Spot {
  readonly server: ServerLanes;
  readonly lane: Lane;
  readonly segment: Segment;
  /** How many others are so near that only zooming in tells them apart. */
  readonly near: number;
}

export interface Shown {
  readonly view: View;
  readonly width: number;
  readonly grid: readonly number[];
  readonly selected: number | undefined;
}

export class ServerLanes {
  readonly model: Model;
  readonly root: HTMLElement;
  readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  readonly #scroller: HTMLElement;
  readonly #names = element('div', { class: 'names' });
  readonly #marks: readonly number[];
  readonly #unfold: HTMLButtonElement;
  #boxes: LaneBox[] = [];
  #height = 0;
  #folded: boolean;

  constructor(model: Model, { steps }: Comparison, onChange: () => void) {
    const { mode, pid, failure, eventsMissing } = model.result;
    this.model = model;
    this.#marks = steps.map(({ at }) => at);
    this.#folded = model.lanes.length > MOST_UNFOLDED;
    this.#unfold = button('', '', () => {
      this.#folded = !this.#folded;
      this.layOut();
      onChange();
    });
    this.#unfold.className = 'unfold';
    this.#scroller = element(
      'div',
      { class: 'lanes' },
      this.#names,
      element('div', { class: 'plot' }, this.canvas),
    );
    this.#scroller.addEventListener('scroll', onChange);
    this.root = element(
      'div',
      { class: 'server', 'data-mode': mode },
      element(
        'h3',
        {},
        mode,
        element(
          'small',
          {},
          ` ${TITLES[mode] ?? ''}${pid === 0 ? '' : `; ${count(model.lanes.length, 'thread')}, pid ${pid}`}`,
        ),
        this.#unfold,
      ),
      failure === undefined ? undefined : element('p', { class: 'failure' }, failure),
      eventsMissing === 0
        ? undefined
        : element(
            'p',
            { class: 'note' },
            `${number(eventsMissing)} further events are not on this page: the lanes end where the page's events do.`,
          ),
      this.#scroller,
    );
  }

  /** Gives every lane its place; the height of a lane follows the size of the letters. */
  layOut(): void {
    const { lanes } = this.model;
    const letters = fontPx();
    const inFull = this.#folded ? SHOWN_IN_FULL : lanes.length;
    const full = Math.round(letters * (lanes.length <= MOST_UNFOLDED ? 2.1 : 1.6));
    const thin = Math.min(
      THICKEST_THIN,
      Math.max(THINNEST, (innerHeight * THIN_ROOM) / Math.max(1, lanes.length - inFull)),
    );
    let top = 0;
    this.#boxes = lanes.map((lane, i) => {
      const box = { lane, top, height: i < inFull ? full : thin };
      top += box.height;
      return box;
    });
    this.#height = Math.ceil(top);
    this.#names.style.height = `${this.#height}px`;
    this.#names.replaceChildren(
      ...this.#boxes.slice(0, inFull).map(nameOf),
      ...(inFull < lanes.length ? [restOf(this.#boxes.slice(inFull))] : []),
    );
    this.#unfold.hidden = lanes.length <= MOST_UNFOLDED;
    this.#unfold.textContent = this.#folded ? `unfold all ${lanes.length} threads` : 'fold';
  }

  get width(): number {
    return this.#scroller.clientWidth - this.#names.offsetWidth;
  }

  draw({ view, width, grid, selected }: Shown): void {
    const height = Math.min(this.#height, this.#scroller.clientHeight);
    paint(this.canvas, {
      boxes: this.#boxes,
      view,
      width,
      height,
      scrollTop: this.#scroller.scrollTop,
      palette: palette(),
      fontPx: Math.round(fontPx() * 0.94),
      grid,
      marks: this.#marks,
      selected,
      openAt: this.model.numberOpenAt,
    });
  }

  scrollBy(pixels: number): void {
    this.#scroller.scrollTop += pixels;
  }

  /** What lies at this place of the canvas. */
  spotAt(x: number, y: number, view: View, width: number): Spot | undefined {
    const top = y + this.#scroller.scrollTop;
    const box = this.#boxes.find((each) => top >= each.top && top < each.top + each.height);
    if (box === undefined) return undefined;
    const { segments } = box.lane;
    const us = (view.to - view.from) / width;
    const at = view.from + x * us;
    const inReach: Segment[] = [];
    for (let i = firstAfter(segments, at - REACH * us); i < segments.length; i++) {
      if (segments[i]!.from >= at + REACH * us) break;
      inReach.push(segments[i]!);
    }
    const exact = inReach.find(({ from, to }) => from <= at && at < to);
    // A piece of work of a few microseconds can't be hit with a mouse: the nearest one stands in for it.
    const narrow = inReach.filter(({ from, to, state }) => state === 'working' && to - from < 2 * REACH * us);
    const nearest = narrow.toSorted((a, b) => Math.abs(a.from - at) - Math.abs(b.from - at))[0];
    const hit = exact !== undefined && exact.state === 'working' ? exact : (nearest ?? exact);
    if (hit === undefined) return undefined;
    return { server: this, lane: box.lane, segment: hit, near: Math.max(0, narrow.length - 1) };
  }

  /** Where a segment is on the page, as far as it is in sight. */
  placeOf({ lane, segment }: Spot, view: View, width: number): { x: number; y: number } {
    const box = this.#boxes.find((each) => each.lane === lane)!;
    if (box.top < this.#scroller.scrollTop) this.#scroller.scrollTop = box.top;
    const below = box.top + box.height - this.#scroller.clientHeight;
    if (below > this.#scroller.scrollTop) this.#scroller.scrollTop = below;
    const { left, top } = this.canvas.getBoundingClientRect();
    const scale = width / (view.to - view.from);
    const middle = (Math.max(segment.from, view.from) + Math.min(segment.to, view.to)) / 2;
    return {
      x: left + (middle - view.from) * scale,
      y: top + box.top + box.height / 2 - this.#scroller.scrollTop,
    };
  }
}

export const fontPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

function nameOf({ lane, top, height }: LaneBox): HTMLElement {
  const name = element(
    'div',
    { class: 'name', 'data-thread': lane.thread, 'data-tid': String(lane.tid) },
    lane.thread,
    element('small', {}, ` ${lane.tid}`),
  );
  name.style.cssText = `top:${top}px;height:${height}px;line-height:${height}px`;
  return name;
}

function restOf(boxes: readonly LaneBox[]): HTMLElement {
  const height = boxes.reduce((sum, box) => sum + box.height, 0);
  const name = element('div', { class: 'name rest' }, `${count(boxes.length, 'thread')} more`);
  name.style.cssText = `top:${boxes[0]!.top}px;height:${height}px`;
  return name;
}
