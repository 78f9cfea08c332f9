// The moving page, as the browser makes it: servers that run, or a recording, at one moment that can be moved both ways.
// Bundled with all that it imports into one script.

import { type Followed, nameFrom, nameOfFollowed } from '../board/followed.js';
import type { Interval } from '../compare/intervals.js';
import { seconds } from '../terminal/quantities.js';
import { switchTheme } from './colours.js';
import { button, element, fill } from './dom.js';
import { follow, type PlayedRun } from './played-run.js';
import { ServerView } from './server-view.js';

const SHORTEST_VIEW_US = 50;
const LONGEST_VIEW_US = 600e6;
const FIRST_VIEW_US = 5e6;
/** Events of a step with Shift. */
const PAGE = 20;
const RECENT = 30;
/** A picture that takes longer to draw than this, in milliseconds, is drawn half as often. */
const SLOW_MS = 16;
/** With fewer pictures in a second the page says so. */
const FEWEST_PICTURES = 50;

/** The moment that a link leads to, and who is followed there. */
interface Wanted {
  readonly at: number | undefined;
  readonly follow: Followed;
}

class Player {
  readonly #root = document.getElementById('page')!;
  readonly #status = element('output', { class: 'status' });
  readonly #clock = element('span', { class: 'clock' });
  /** What the clients do. */
  readonly #step = element('p', { class: 'doing' });
  readonly #notes = element('p', { class: 'note', role: 'status' });
  readonly #scrubber = element('input', {
    type: 'range',
    min: '0',
    max: '1000',
    value: '1000',
    'aria-label': 'moment',
  });
  readonly #play = button('freeze', 'freeze, or go on: the space bar', () => this.#run?.playback.toggle());
  /** The name of the client that is followed, and those that are known. */
  readonly #name = element('input', {
    type: 'search',
    list: 'clients',
    placeholder: "follow a client's name",
    'aria-label': 'follow the client with this name',
  });
  readonly #names = element('datalist', { id: 'clients' });
  #run: PlayedRun | undefined;
  #views: ServerView[] = [];
  #span = FIRST_VIEW_US;
  #view: Interval = { from: 0, to: FIRST_VIEW_US };
  #followed: Followed;
  #wanted: Wanted | undefined = fromHash();
  #skip = false;
  /** Pictures since a second began, and whether they were too few in the last whole one. */
  #pictures = 0;
  #secondBegan = 0;
  #tooFew = false;

  constructor() {
    follow((run) => this.#begin(run));
    this.#scrubber.addEventListener('input', () => this.#scrub(Number(this.#scrubber.value) / 1000));
    this.#name.addEventListener('focus', () => this.#listNames());
    this.#name.addEventListener('input', () => {
      const typed = this.#name.value.trim();
      this.#followed = typed === '' ? undefined : (nameFrom(typed, this.#clients) ?? typed);
    });
    addEventListener('keydown', (event) => this.#onKey(event));
    addEventListener('hashchange', () => {
      this.#wanted = fromHash();
    });
    const frame = (): void => {
      requestAnimationFrame(frame);
      if (this.#skip) {
        this.#skip = false;
        return;
      }
      const began = performance.now();
      this.#countPictures(began);
      this.#draw(began);
      this.#skip = performance.now() - began > SLOW_MS;
    };
    requestAnimationFrame(frame);
  }

  #countPictures(now: number): void {
    this.#pictures++;
    const passed = now - this.#secondBegan;
    if (passed < 1000) return;
    // A page that nobody sees is drawn once in a while.
    this.#tooFew = passed < 2000 && this.#pictures < FEWEST_PICTURES;
    this.#pictures = 0;
    this.#secondBegan = now;
  }

  #begin(run: PlayedRun): void {
    const again = this.#run !== undefined && !this.#run.playback.playing;
    this.#run = run;
    this.#views = run.servers.map(({ name, mode, lanes }) => new ServerView(name, mode, lanes));
    for (const view of this.#views) this.#listen(view);
    fill(this.#root, [
      element(
        'header',
        { class: 'player' },
        element('h1', document.title),
        element(
          'div',
          { class: 'toolbar' },
          button('|◀', 'the last moment worth a look: p', () => run.playback.chapter(-1)),
          button('◀', 'one event back: the left arrow', () => run.playback.step(-1)),
          this.#play,
          button('▶', 'one event on: the right arrow', () => run.playback.step(1)),
          button('▶|', 'the next moment worth a look: n', () => run.playback.chapter(1)),
          button('−', 'slower: -', () => run.playback.slower()),
          button('+', 'faster: +', () => run.playback.faster()),
          this.#name,
          this.#names,
          button('all connections', 'follow none: Escape', () => this.#follow(undefined)),
          button('link', 'the address of this moment', () => this.#link()),
          button('light or dark', 'the other of the two', switchTheme),
        ),
        sendButtons(run.targets),
        element('p', { class: 'now' }, this.#clock, this.#status),
        this.#step,
        this.#scrubber,
        this.#notes,
      ),
      element('div', { class: 'servers' }, ...this.#views.map(({ root }) => root)),
    ]);
    this.#showAll();
    if (again) run.playback.toggle();
  }

  #listen(view: ServerView): void {
    view.onFollow = (id) => this.#follow(id === this.#followed ? undefined : id);
    const { canvas } = view;
    let x: number | undefined;
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.#freeze();
        this.#zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 400))));
      },
      { passive: false },
    );
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      x = event.clientX;
    });
    canvas.addEventListener('pointermove', (event) => {
      if (x === undefined) return;
      const moved = x - event.clientX;
      if (Math.abs(moved) < 3) return;
      x = event.clientX;
      this.#freeze();
      this.#pan((moved / view.width) * (this.#view.to - this.#view.from));
    });
    for (const end of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(end, () => {
        x = undefined;
      });
  }

  #draw(time: number): void {
    const run = this.#run;
    if (run === undefined) return;
    const { timeline, playback } = run;
    playback.tick(time);
    this.#seekWanted(run);
    const last = timeline.last?.event.at ?? 0;
    const now = Math.max(last, playback.time ?? last);
    this.#moveView(now, playback.playing && timeline.at === timeline.length);
    this.#views.forEach((view, i) => {
      view.show({
        state: timeline.stateOf(i),
        recent: timeline.recentOf(i, RECENT),
        totals: playback.playing ? run.totals[i] : undefined,
        now,
        view: this.#view,
        followed: this.#followed,
      });
    });
    this.#showStatus(run, now);
  }

  /** A link leads to a moment, as soon as it is known. */
  #seekWanted({ timeline }: PlayedRun): void {
    if (this.#wanted === undefined || timeline.span === undefined) return;
    const { at, follow: id } = this.#wanted;
    if (at !== undefined && at > timeline.span.to) return;
    this.#wanted = undefined;
    this.#follow(id);
    if (at !== undefined) this.#goTo(at);
  }

  /** All of a recording; of servers that run, the last seconds. */
  #showAll(): void {
    const { span, at, length } = this.#run!.timeline;
    if (span === undefined || at === length) return;
    const margin = (span.to - span.from) * 0.01;
    this.#span = span.to - span.from + 2 * margin;
    this.#view = { from: span.from - margin, to: span.to + margin };
  }

  /** Where it goes on for ever, now is at the right; otherwise the view stays where it is as long as now is in it. */
  #moveView(now: number, goesOn: boolean): void {
    const { from, to } = this.#view;
    if (goesOn) this.#view = { from: now - this.#span, to: now };
    else if (now < from || now > to) this.#view = { from: now - this.#span / 2, to: now + this.#span / 2 };
  }

  #showStatus({ timeline, playback, leftOut, connected, ended, steps }: PlayedRun, now: number): void {
    this.#clock.textContent = `${playback.playing ? (now / 1e6).toFixed(2) : seconds(now)} s`;
    this.#status.value = playback.status;
    this.#play.textContent = playback.playing ? 'freeze' : 'play';
    const step = steps.findLast(({ at }) => at <= now);
    this.#step.textContent =
      step === undefined ? '' : `Step ${step.number} of ${steps.at(-1)!.number}: ${step.text}`;
    const { span } = timeline;
    if (span !== undefined && document.activeElement !== this.#scrubber)
      this.#scrubber.value = String(
        Math.round(((now - span.from) / Math.max(1, span.to - span.from)) * 1000),
      );
    const notes = [
      ...(ended ? ['The servers have stopped. Play shows it all again.'] : []),
      ...(connected || ended ? [] : ['The connection to the server is lost. The page tries again.']),
      ...(leftOut === 0
        ? []
        : [
            `${leftOut.toLocaleString('en')} events came too fast for this page and are left out. The totals are exact.`,
          ]),
      ...(this.#tooFew
        ? [
            `Fewer than ${FEWEST_PICTURES} pictures a second are drawn: this machine is busy, or this browser is slow.`,
          ]
        : []),
      ...(this.#followed === undefined ? [] : [`Only ${nameOfFollowed(this.#followed)} is bright.`]),
    ];
    const text = notes.join(' ');
    if (this.#notes.textContent !== text) this.#notes.textContent = text;
  }

  #scrub(share: number): void {
    const { span } = this.#run?.timeline ?? {};
    if (span !== undefined) this.#goTo(span.from + (span.to - span.from) * share);
  }

  /** To the last event at this moment, or before it. The picture is frozen. */
  #goTo(time: number): void {
    const { timeline, playback } = this.#run!;
    playback.step(timeline.pointAt(time) - timeline.at);
  }

  #freeze(): void {
    if (this.#run?.playback.playing) this.#run.playback.toggle();
  }

  #zoom(factor: number): void {
    const span = Math.min(
      Math.max((this.#view.to - this.#view.from) * factor, SHORTEST_VIEW_US),
      LONGEST_VIEW_US,
    );
    const now = this.#now;
    const left = ((now - this.#view.from) / (this.#view.to - this.#view.from)) * span;
    this.#span = span;
    this.#view = { from: now - left, to: now - left + span };
  }

  /** The moment that is shown goes along where it would be out of sight. */
  #pan(us: number): void {
    this.#view = { from: this.#view.from + us, to: this.#view.to + us };
    const now = Math.min(Math.max(this.#now, this.#view.from), this.#view.to);
    if (now !== this.#now) this.#goTo(now);
  }

  get #now(): number {
    return this.#run?.timeline.last?.event.at ?? 0;
  }

  #follow(followed: Followed): void {
    this.#followed = followed;
    this.#name.value = typeof followed === 'string' ? followed : '';
  }

  get #clients(): string[] {
    const { timeline, servers } = this.#run ?? {};
    return [...new Set((servers ?? []).flatMap((_, i) => timeline!.stateOf(i).clients))];
  }

  #listNames(): void {
    fill(
      this.#names,
      this.#clients.map((value) => element('option', { value })),
    );
  }

  #link(): void {
    const whom = this.#followed;
    const key = typeof whom === 'string' ? 'name' : 'follow';
    const follows = whom === undefined ? '' : `&${key}=${encodeURIComponent(whom)}`;
    history.replaceState(null, '', `#t=${seconds(this.#now)}${follows}`);
    void navigator.clipboard?.writeText(location.href).catch(() => {});
  }

  #onKey(event: KeyboardEvent): void {
    const run = this.#run;
    if (run === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === this.#name && event.key !== 'Escape') return;
    const { playback } = run;
    const step = event.shiftKey ? PAGE : 1;
    const keys: Record<string, () => void> = {
      ' ': () => playback.toggle(),
      ArrowLeft: () => playback.step(-step),
      ArrowRight: () => playback.step(step),
      PageUp: () => playback.step(-PAGE),
      PageDown: () => playback.step(PAGE),
      p: () => playback.chapter(-1),
      n: () => playback.chapter(1),
      '+': () => playback.faster(),
      '-': () => playback.slower(),
      i: () => this.#zoom(0.5),
      o: () => this.#zoom(2),
      w: () => this.#showAll(),
      Escape: () => this.#follow(undefined),
    };
    const act = keys[event.key];
    // The space bar presses a button that has the focus.
    if (act === undefined || (event.key === ' ' && document.activeElement instanceof HTMLButtonElement))
      return;
    event.preventDefault();
    act();
  }
}

/** Each lets the program send a request to every server at once. */
function sendButtons(targets: readonly string[]): HTMLElement | undefined {
  if (targets.length === 0) return undefined;
  const send = (target: string): void => {
    void fetch(`send?target=${encodeURIComponent(target)}`, { method: 'POST' }).catch(() => {});
  };
  return element(
    'div',
    { class: 'toolbar' },
    'send to every server at once:',
    ...targets.map((target) => button(`GET ${target}`, 'to every server at once', () => send(target))),
  );
}

/** `#t=12.345&follow=3`, or `&name=Ada`. */
function fromHash(): Wanted | undefined {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const numberOf = (name: string): number | undefined => {
    const text = parameters.get(name);
    const value = Number(text);
    return text === null || !Number.isFinite(value) ? undefined : value;
  };
  const [t, id] = [numberOf('t'), parameters.get('name') ?? numberOf('follow')];
  return t === undefined && id === undefined
    ? undefined
    : { at: t === undefined ? undefined : t * 1e6, follow: id };
}

new Player();
