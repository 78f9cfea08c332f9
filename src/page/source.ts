// Where the page's events come from: the stream of servers that run, or a recording in the page itself.

import { LivePlayback, type Playback, type Reader, RecordedPlayback } from '../board/playback.js';
import { Timeline } from '../board/timeline.js';
import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import { ServerState } from '../lifecycle/state.js';
import type { Beginning, Message } from '../live/feed.js';
import type { EmbeddedRecording } from '../live/recording-data.js';
import { MovingLanes } from './moving-lanes.js';

/** One story, from its first server to its last event. */
export interface Story {
  readonly servers: readonly { readonly name: string; readonly mode: string; readonly lanes: MovingLanes }[];
  readonly timeline: Timeline;
  readonly playback: Playback;
  /** The servers' own totals, where they are counted. */
  readonly totals: (Totals | undefined)[];
  /** Events that the page was not given, and whether it is cut off from its servers. */
  leftOut: number;
  connected: boolean;
}

/** Calls `onStory` with each new story: a page that was cut off begins anew. */
export function follow(onStory: (story: Story) => void): void {
  const embedded = document.getElementById('recording')?.textContent;
  if (embedded) onStory(recordedStory(JSON.parse(embedded) as EmbeddedRecording));
  else listen(onStory);
}

function listen(onStory: (story: Story) => void): void {
  let current: LiveStory | undefined;
  const stream = new EventSource('events');
  stream.onmessage = ({ data }) => {
    const message = JSON.parse(data) as Message;
    if (message.kind === 'begin') {
      current = new LiveStory(message.servers);
      onStory(current);
    } else {
      current?.take(message);
    }
  };
  stream.onerror = () => {
    if (current !== undefined) current.connected = false;
  };
}

class LiveStory implements Story {
  readonly servers;
  readonly timeline: Timeline;
  readonly playback: LivePlayback;
  readonly totals: (Totals | undefined)[];
  leftOut = 0;
  connected = true;
  /** The servers' time less the page's, in microseconds. */
  #offset: number | undefined;

  constructor(servers: readonly Beginning[]) {
    this.servers = servers.map(({ name, mode }) => ({ name, mode, lanes: new MovingLanes() }));
    this.timeline = new Timeline(servers.length);
    this.playback = new LivePlayback(this.timeline, servers.length, () => this.#now);
    this.totals = servers.map(() => undefined);
    servers.forEach(({ state }, i) => {
      this.#jump(i, ServerState.fromData(state));
    });
    const all = servers.flatMap(({ events }, server) => events.map((event) => ({ server, event })));
    all.sort((a, b) => a.event.at - b.event.at);
    for (const { server, event } of all) this.#add(server, [event]);
  }

  take(message: Exclude<Message, { kind: 'begin' }>): void {
    if (message.kind === 'totals') {
      message.totals.forEach((totals, i) => {
        this.totals[i] = totals;
      });
      this.#offset = message.now - performance.now() * 1000;
    } else if (message.kind === 'gap') {
      this.leftOut += message.events;
      this.#jump(message.server, ServerState.fromData(message.state));
    } else {
      this.#add(message.server, message.events);
    }
  }

  get #now(): number {
    const last = this.timeline.span?.to ?? 0;
    return this.#offset === undefined || !this.connected
      ? last
      : Math.max(last, performance.now() * 1000 + this.#offset);
  }

  #add(server: number, events: readonly LifecycleEvent[]): void {
    this.playback.add(server, events);
    for (const event of events) this.servers[server]!.lanes.add(event);
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
  let next = 0;
  const reader: Reader = {
    peek: () => all[next],
    take: () => {
      const each = all[next++];
      if (each !== undefined) servers[each.server]!.lanes.add(each.event);
      return each;
    },
    get ended() {
      return next >= all.length;
    },
  };
  const playback = new RecordedPlayback(timeline, servers.length, reader, 1);
  playback.readAll();
  return { servers, timeline, playback, totals: servers.map(() => undefined), leftOut: 0, connected: true };
}
