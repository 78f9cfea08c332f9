// Rows of one kind under the time axis: their names, and the canvas that they are painted on.
// Many rows are thin lines together, until the reader unfolds them.

import type { Interval } from '../compare/intervals.js';
import type { Track, TrackSegment } from '../compare/report/lanes.js';
import { button, element, fontPx } from './dom.js';
import { firstAfter, isWork, type LaneBox, paint } from './lane-painter.js';
import type { ModelTimeline } from './model-timeline.js';

/** The least height of a thin row, and its most, in CSS pixels. */
const THINNEST = 0.9;
const THICKEST_THIN = 8;
/** How far from the pointer a narrow piece of work is found, in CSS pixels. */
const REACH = 4;

export interface TrackGroup {
  readonly tracks: readonly Track[];
  /** What stands above them; undefined where it needs no heading. */
  readonly heading: string | undefined;
  /** So many are never folded; of more than that so many are shown in full. */
  readonly mostUnfolded: number;
  readonly shownInFull: number;
  /** All thin rows together, as a share of the window's height. */
  readonly thinRoom: number;
  /** Of the row with this index. */
  readonly nameOf: (row: number) => HTMLElement;
  /** `9 threads`. */
  readonly count: (tracks: number) => string;
}

/** What is under the pointer, or under the keyboard's cursor. */
export interface Spot {
  readonly panel: TrackPanel;
  readonly track: Track;
  readonly segment: TrackSegment;
  /** How many others are so near that only zooming in separates them. */
  readonly near: number;
}

/** What all panels have in common when they are drawn. */
export interface SharedScene {
  readonly view: Interval;
  readonly width: number;
  readonly grid: readonly number[];
  readonly selected: number | undefined;
}

export class TrackPanel {
  readonly model: ModelTimeline;
  readonly root: HTMLElement;
  readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  readonly tracks: readonly Track[];
  readonly #group: TrackGroup;
  readonly #scroller: HTMLElement;
  readonly #names = element('div', { class: 'names' });
  readonly #marks: readonly number[];
  readonly #unfold: HTMLButtonElement;
  #boxes: LaneBox[] = [];
  #height = 0;
  #folded: boolean;

  constructor(model: ModelTimeline, group: TrackGroup, marks: readonly number[], onChange: () => void) {
    const { tracks, heading, mostUnfolded } = group;
    this.model = model;
    this.tracks = tracks;
    this.#group = group;
    this.#marks = marks;
    this.#folded = tracks.length > mostUnfolded;
    this.#unfold = button('', '', () => {
      this.#folded = !this.#folded;
      this.layOut();
      onChange();
    });
    this.#unfold.className = 'unfold';
    this.#unfold.hidden = !this.#folded;
    this.#scroller = element(
      'div',
      { class: 'lanes' },
      this.#names,
      element('div', { class: 'plot' }, this.canvas),
    );
    this.#scroller.addEventListener('scroll', onChange);
    this.root = element(
      'div',
      { class: 'panel' },
      heading === undefined && this.#unfold.hidden
        ? undefined
        : element('div', { class: 'heading' }, heading, this.#unfold),
      this.#scroller,
    );
  }

  /** Gives every row its place; the height of a row follows the size of the letters. */
  layOut(): void {
    const { mostUnfolded, shownInFull, thinRoom, nameOf, count } = this.#group;
    const { length } = this.tracks;
    const inFull = this.#folded ? shownInFull : length;
    const full = Math.round(fontPx() * (length <= 6 ? 2 : 1.5));
    const thin = Math.min(
      THICKEST_THIN,
      Math.max(THINNEST, (innerHeight * thinRoom) / Math.max(1, length - inFull)),
    );
    let top = 0;
    this.#boxes = this.tracks.map((track, i) => {
      const box = { track, top, height: i < inFull ? full : thin };
      top += box.height;
      return box;
    });
    this.#height = Math.ceil(top);
    this.#names.style.height = `${this.#height}px`;
    this.#names.replaceChildren(
      ...this.#boxes.slice(0, inFull).map((box, i) => placed(nameOf(i), box)),
      ...(inFull < length
        ? [
            restOf(
              this.#boxes.slice(inFull),
              inFull > 0 ? `${count(length - inFull)} more` : 'a line for each',
            ),
          ]
        : []),
    );
    if (length > mostUnfolded)
      this.#unfold.textContent = this.#folded ? `unfold all ${count(length)}` : 'fold';
  }

  get width(): number {
    return this.#scroller.clientWidth - this.#names.offsetWidth;
  }

  draw({ view, width, grid, selected }: SharedScene): void {
    paint(this.canvas, {
      boxes: this.#boxes,
      view,
      width,
      height: Math.min(this.#height, this.#scroller.clientHeight),
      scrollTop: this.#scroller.scrollTop,
      fontPx: Math.round(fontPx() * 0.94),
      grid,
      marks: this.#marks,
      isOther: (connection) => selected !== undefined && connection !== selected,
      openAt: this.model.numberOpenAt,
    });
  }

  scrollBy(pixels: number): void {
    this.#scroller.scrollTop += pixels;
  }

  /** What lies at this place of the canvas. */
  spotAt(x: number, y: number, view: Interval, width: number): Spot | undefined {
    const top = y + this.#scroller.scrollTop;
    const box = this.#boxes.find((each) => top >= each.top && top < each.top + each.height);
    if (box === undefined) return undefined;
    const { segments } = box.track;
    const us = (view.to - view.from) / width;
    const at = view.from + x * us;
    const inReach: TrackSegment[] = [];
    for (let i = firstAfter(segments, at - REACH * us); i < segments.length; i++) {
      if (segments[i]!.from >= at + REACH * us) break;
      inReach.push(segments[i]!);
    }
    const exact = inReach.find(({ from, to }) => from <= at && at < to);
    // A piece of work of a few microseconds can't be hit with a mouse: the nearest one stands in for it.
    const narrow = inReach.filter((each) => isWork(each) && each.to - each.from < 2 * REACH * us);
    const nearest = narrow.toSorted((a, b) => Math.abs(a.from - at) - Math.abs(b.from - at))[0];
    const hit = exact !== undefined && isWork(exact) ? exact : (nearest ?? exact);
    if (hit === undefined) return undefined;
    return { panel: this, track: box.track, segment: hit, near: Math.max(0, narrow.length - 1) };
  }

  /** Where a segment is on the page, as far as it is in sight. */
  placeOf({ track, segment }: Spot, view: Interval, width: number): { x: number; y: number } {
    const box = this.#boxes.find((each) => each.track === track)!;
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

function placed(name: HTMLElement, { top, height }: LaneBox): HTMLElement {
  name.classList.add('name');
  name.style.cssText = `top:${top}px;height:${height}px;line-height:${height}px`;
  return name;
}

function restOf(boxes: readonly LaneBox[], text: string): HTMLElement {
  const height = boxes.reduce((sum, box) => sum + box.height, 0);
  const name = element('div', { class: 'name rest' }, text);
  name.style.cssText = `top:${boxes[0]!.top}px;height:${height}px`;
  return name;
}
