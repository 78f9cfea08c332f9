// Where the page's events come from: the stream of servers that run, or a recording in the page itself.

import { LivePlayback, type PaceControl, type Playback } from '../board/playback.js';
import type { NumberedStep } from '../board/step-title.js';
import { Timeline } from '../board/timeline.js';
import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import { ServerState } from '../lifecycle/state.js';
import { type Message, MOST_STEPS } from '../live/feed.js';
import type { EmbeddedRecording } from '../live/recording-data.js';
import { MovingLanes } from './moving-lanes.js';

/** Calls `onRun` with each new run: a page that was cut off begins anew. */
export function follow(onRun: (run: PlayedRun) => void): void {
  const embedded = document.getElementById('recording')?.textContent;
  if (embedded) void unpacked(JSON.parse(embedded) as string).then((data) => onRun(recordedRun(data)));
  else listen(onRun);
}

/** What report.ts has packed: gzip, in base64. */
async function unpacked(text: string): Promise<EmbeddedRecording> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(json).json() as Promise<EmbeddedRecording>;
}

function recordedRun({ servers, marks }: EmbeddedRecording): PlayedRun {
  const state = new ServerState().toData();
  const run = new PlayedRun({
    kind: 'begin',
    servers: servers.map((server) => ({ ...server, state })),
    steps: marks.map((step, i) => ({ ...step, number: i + 1 })),
    targets: [],
    ended: false,
  });
  run.playFromBeginning();
  return run;
}

function listen(onRun: (run: PlayedRun) => void): void {
  let current: PlayedRun | undefined;
  const stream = new EventSource('events');
  stream.onmessage = ({ data }) => {
    const message = JSON.parse(data) as Message;
    if (message.kind === 'begin') {
      current = new PlayedRun(message);
      onRun(current);
    } else {
      current?.take(message);
    }
  };
  stream.onerror = () => {
    if (current !== undefined) current.connected = false;
  };
}

/** The servers are asked to change it, and say in their totals what it is. */
function paceOfServers(): PaceControl {
  const ask = (change: 'faster' | 'slower'): void => {
    void fetch(`pace?change=${change}`, { method: 'POST' }).catch(() => {});
  };
  return { stepping: false, pauseMs: 0, faster: () => ask('faster'), slower: () => ask('slower') };
}

/** What some servers do, from the first of their events to the last. */
export class PlayedRun {
  readonly servers: readonly { readonly name: string; readonly mode: string; readonly lanes: MovingLanes }[];
  readonly timeline: Timeline;
  playback: Playback;
  /** Of a scenario, in the order of time. */
  readonly steps: NumberedStep[] = [];
  /** What can be requested of every server. */
  readonly targets: readonly string[];
  /** The servers' own totals, where somebody counts them. */
  readonly totals: (Totals | undefined)[];
  /** Whether the servers have stopped: nothing more will come. */
  ended = false;
  /** Events that the page was not given, and whether it is connected to its servers. */
  leftOut = 0;
  connected = true;
  readonly #live: LivePlayback;
  readonly #pace = paceOfServers();
  /** The servers' time less the page's, in microseconds. */
  #offset: number | undefined;

  constructor({ servers, steps, targets, ended }: Extract<Message, { kind: 'begin' }>) {
    this.servers = servers.map(({ name, mode }) => ({ name, mode, lanes: new MovingLanes() }));
    this.targets = targets;
    this.timeline = new Timeline(servers.length);
    this.#live = new LivePlayback(this.timeline, servers.length, () => this.#now, this.#pace);
    this.playback = this.#live;
    this.totals = servers.map(() => undefined);
    servers.forEach(({ state }, i) => {
      this.#jump(i, ServerState.fromData(state));
    });
    const all = servers.flatMap(({ events }, server) => events.map((event) => ({ server, event })));
    all.sort((a, b) => a.event.at - b.event.at); // a stable sort: each server's own order stays
    let next = 0;
    for (const { server, event } of all) {
      while (next < steps.length && steps[next]!.at <= event.at) this.#addStep(steps[next++]!);
      this.#add(server, event);
    }
    for (const step of steps.slice(next)) this.#addStep(step);
    if (ended) this.#end();
  }

  take(message: Exclude<Message, { kind: 'begin' }>): void {
    switch (message.kind) {
      case 'totals':
        message.totals.forEach((totals, i) => {
          this.totals[i] = totals;
        });
        Object.assign(this.#pace, message.pace);
        this.#offset = message.now - performance.now() * 1000;
        return;
      case 'gap':
        this.leftOut += message.events;
        this.#jump(message.server, ServerState.fromData(message.state));
        return;
      case 'events':
        for (const { server, event } of message.events) this.#add(server, event);
        return;
      case 'step':
        this.#addStep(message.step);
        return;
      case 'ended':
        this.#end();
    }
  }

  /** For a recording, of which all is known. */
  playFromBeginning(): void {
    this.playback = this.#live.ended();
    this.timeline.goTo(this.timeline.first);
  }

  #addStep(step: NumberedStep): void {
    this.steps.push(step);
    if (this.steps.length > MOST_STEPS) this.steps.shift();
    this.#live.mark(`step ${step.number}`);
  }

  #end(): void {
    this.playback = this.#live.ended();
    this.ended = true;
  }

  get #now(): number {
    const last = this.timeline.span?.to ?? 0;
    return this.#offset === undefined || !this.connected
      ? last
      : Math.max(last, performance.now() * 1000 + this.#offset);
  }

  #add(server: number, event: LifecycleEvent): void {
    this.#live.add(server, [event]);
    this.servers[server]!.lanes.add(event);
  }

  #jump(server: number, state: ServerState): void {
    this.timeline.jump(server, state);
    this.servers[server]!.lanes.jump(state.clone());
  }
}
