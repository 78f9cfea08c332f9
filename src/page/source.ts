// Where the page's events come from: the stream of servers that run, or a recording in the page itself.

import {
  Chapters,
  LivePlayback,
  type Pace,
  type Playback,
  type Reader,
  RecordedPlayback,
} from '../board/playback.js';
import { Timeline } from '../board/timeline.js';
import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import { ServerState } from '../lifecycle/state.js';
import { type Message, MOST_MARKS, type NumberedMark } from '../live/feed.js';
import type { EmbeddedRecording } from '../live/recording-data.js';
import { MovingLanes } from './moving-lanes.js';

/** One story, from its first server to its last event. */
export interface Story {
  readonly servers: readonly { readonly name: string; readonly mode: string; readonly lanes: MovingLanes }[];
  readonly timeline: Timeline;
  readonly playback: Playback;
  /** The steps of a scenario, in the order of time. */
  readonly marks: readonly NumberedMark[];
  /** What can be requested of every server. */
  readonly targets: readonly string[];
  /** Whether the servers have stopped: nothing more will come. */
  readonly ended: boolean;
  /** The servers' own totals, where somebody counts them. */
  readonly totals: (Totals | undefined)[];
  /** Events that the page was not given, and whether it is cut off from its servers. */
  leftOut: number;
  connected: boolean;
}

/** Calls `onStory` with each new story: a page that was cut off begins anew. */
export function follow(onStory: (story: Story) => void): void {
  const embedded = document.getElementById('recording')?.textContent;
  if (embedded) void unpacked(JSON.parse(embedded) as string).then((data) => onStory(recordedStory(data)));
  else listen(onStory);
}

/** What report.ts has packed: gzip, in base64. */
async function unpacked(text: string): Promise<EmbeddedRecording> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(json).json() as Promise<EmbeddedRecording>;
}

function listen(onStory: (story: Story) => void): void {
  let current: LiveStory | undefined;
  const stream = new EventSource('events');
  stream.onmessage = ({ data }) => {
    const message = JSON.parse(data) as Message;
    if (message.kind === 'begin') {
      current = new LiveStory(message);
      onStory(current);
    } else {
      current?.take(message);
    }
  };
  stream.onerror = () => {
    if (current !== undefined) current.connected = false;
  };
}

/** The servers are asked to change it, and say in their totals what it is. */
function paceOfServers(): Pace {
  const ask = (change: 'faster' | 'slower'): void => {
    void fetch(`pace?change=${change}`, { method: 'POST' }).catch(() => {});
  };
  return { stepping: false, pauseMs: 0, faster: () => ask('faster'), slower: () => ask('slower') };
}

class LiveStory implements Story {
  readonly servers;
  readonly timeline: Timeline;
  readonly marks: NumberedMark[] = [];
  readonly targets: readonly string[];
  readonly totals: (Totals | undefined)[];
  readonly #live: LivePlayback;
  readonly #pace = paceOfServers();
  /** When the servers have stopped. */
  #again: Playback | undefined;
  leftOut = 0;
  connected = true;
  /** The servers' time less the page's, in microseconds. */
  #offset: number | undefined;

  constructor({ servers, marks, targets, ended }: Extract<Message, { kind: 'begin' }>) {
    this.servers = servers.map(({ name, mode }) => ({ name, mode, lanes: new MovingLanes() }));
    this.targets = targets;
    this.timeline = new Timeline(servers.length);
    this.#live = new LivePlayback(this.timeline, servers.length, () => this.#now, this.#pace);
    this.totals = servers.map(() => undefined);
    servers.forEach(({ state }, i) => {
      this.#jump(i, ServerState.fromData(state));
    });
    const all = servers.flatMap(({ events }, server) => events.map((event) => ({ server, event })));
    all.sort((a, b) => a.event.at - b.event.at);
    let next = 0;
    for (const { server, event } of all) {
      while (next < marks.length && marks[next]!.at <= event.at) this.#mark(marks[next++]!);
      this.#add(server, event);
    }
    for (const mark of marks.slice(next)) this.#mark(mark);
    if (ended) this.#end();
  }

  get playback(): Playback {
    return this.#again ?? this.#live;
  }

  get ended(): boolean {
    return this.#again !== undefined;
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
      case 'mark':
        this.#mark(message.mark);
        return;
      case 'ended':
        this.#end();
    }
  }

  #mark(mark: NumberedMark): void {
    this.marks.push(mark);
    if (this.marks.length > MOST_MARKS) this.marks.shift();
    this.#live.mark(`step ${mark.number}`);
  }

  #end(): void {
    this.#again = this.#live.ended();
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

function recordedStory(recording: EmbeddedRecording): Story {
  const servers = recording.servers.map(({ name, mode }) => ({ name, mode, lanes: new MovingLanes() }));
  const all = recording.servers.flatMap(({ events }, server) => events.map((event) => ({ server, event })));
  all.sort((a, b) => a.event.at - b.event.at); // a stable sort: each server's own order stays
  const timeline = new Timeline(servers.length);
  const marks = (recording.marks ?? []).map((mark, i) => ({ ...mark, number: i + 1 }));
  const chapters = new Chapters(servers.length);
  let next = 0;
  let marked = 0;
  const reader: Reader = {
    peek: () => all[next],
    take: () => {
      const each = all[next++];
      if (each === undefined) return undefined;
      servers[each.server]!.lanes.add(each.event);
      while (marked < marks.length && marks[marked]!.at <= each.event.at)
        chapters.mark(timeline.length + 1, `step ${++marked}`);
      return each;
    },
    get ended() {
      return next >= all.length;
    },
  };
  const playback = new RecordedPlayback(timeline, chapters, reader, 1);
  playback.readAll();
  return {
    servers,
    timeline,
    playback,
    marks,
    targets: [],
    ended: false,
    totals: servers.map(() => undefined),
    leftOut: 0,
    connected: true,
  };
}
