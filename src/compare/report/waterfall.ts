// Connections as rows, one for each: when it waited in the kernel's accept queue, when a server served it, when it was closed.
// The wait is known to the clients alone, the rest to the server; the 4-tuple says which two stories are one connection's.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import { type ConnectionState, ServerState, type Watcher } from '../../lifecycle/state.js';
import type { FourTuple } from '../../net/four-tuple.js';
import type { ClientConnection } from '../comparison.js';
import { groupBy } from '../group-by.js';
import type { ConnectionPiece, Track, TrackSegment } from './lanes.js';

export interface ConnectionRow extends Track {
  /** The server's id; undefined where it never accepted it. */
  readonly connection: number | undefined;
  /** Undefined where it is known to the clients alone, and the kernel gave it no source port. */
  readonly fourTuple: FourTuple | undefined;
}

/** By how much the clocks of two processes may differ, in microseconds. */
const TOLERANCE_US = 1000;

/** In the order in which they began. What goes on when the events end is drawn up to `until`. */
export function waterfallOf(
  events: readonly LifecycleEvent[],
  clients: readonly ClientConnection[],
  until: number,
): ConnectionRow[] {
  const served = servedOf(events, until);
  const clientOf = joined(served, clients);
  const known = new Set(clientOf.values());
  const rows = [
    ...served.map((each) => rowOf(each, clientOf.get(each), until)),
    ...clients.filter((client) => !known.has(client)).map((client) => rowOf(undefined, client, until)),
  ];
  return rows
    .filter(({ segments }) => segments.length > 0)
    .sort((a, b) => a.segments[0]!.from - b.segments[0]!.from);
}

/** When connections waited in the accept queue. */
export const waitsOf = (rows: readonly ConnectionRow[]): TrackSegment[] =>
  rows.flatMap(({ segments }) => segments.filter(({ state }) => state === 'waiting'));

/** A connection as its server knows it. */
interface ServedConnection {
  readonly id: number;
  readonly acceptedAt: number;
  fourTuple: FourTuple | undefined;
  readonly segments: TrackSegment[];
  readonly events: LifecycleEvent[];
}

function servedOf(events: readonly LifecycleEvent[], until: number): ServedConnection[] {
  const served = new Map<number, ServedConnection>();
  const of = ({ id, acceptedAt, fourTuple }: ConnectionState): ServedConnection => {
    const known = served.get(id) ?? { id, acceptedAt, fourTuple, segments: [], events: [] };
    served.set(id, known);
    known.fourTuple = fourTuple;
    return known;
  };
  const watcher: Watcher = {
    activityEnded: () => {},
    stageEnded: (connection, to) => {
      const { stage, since, id } = connection;
      if (to > since && stage !== 'closed')
        of(connection).segments.push({ from: since, to, state: stage, connection: id });
    },
  };
  const state = new ServerState();
  for (const event of events) {
    state.apply(event, watcher);
    if (!('connection' in event) || !event.connection) continue;
    const connection =
      state.connections.get(event.connection) ?? state.closedConnections.get(event.connection);
    if (connection !== undefined) of(connection).events.push(event);
  }
  for (const connection of state.connections.values()) watcher.stageEnded(connection, until);
  return [...served.values()];
}

/** To each connection that was accepted its client's: the last one with the same 4-tuple that had begun by then. */
function joined(
  served: readonly ServedConnection[],
  clients: readonly ClientConnection[],
): Map<ServedConnection, ClientConnection> {
  const bySource = groupBy(clients, ({ fourTuple }) => String(fourTuple));
  const found = new Map<ServedConnection, ClientConnection>();
  for (const each of served) {
    const candidates = each.fourTuple && bySource.get(String(each.fourTuple));
    const client = candidates?.findLast(({ startedAt }) => startedAt <= each.acceptedAt + TOLERANCE_US);
    if (client !== undefined) found.set(each, client);
  }
  return found;
}

function rowOf(
  served: ServedConnection | undefined,
  client: ClientConnection | undefined,
  until: number,
): ConnectionRow {
  const acceptedAt = served?.acceptedAt ?? until;
  return {
    connection: served?.id,
    fourTuple: served?.fourTuple ?? client?.fourTuple,
    segments: [
      ...(client === undefined ? [] : beforeAccept(client, acceptedAt, served?.id)),
      ...(served?.segments ?? []),
    ],
    events: served?.events ?? [],
  };
}

/** What the clients know: no server hears of a connection before it accepts it. */
function beforeAccept(
  {
    startedAt,
    connectedAt = Number.POSITIVE_INFINITY,
    closedAt = Number.POSITIVE_INFINITY,
  }: ClientConnection,
  acceptedAt: number,
  connection: number | undefined,
): TrackSegment[] {
  const isConnected = connectedAt < Number.POSITIVE_INFINITY;
  const connected = Math.min(connectedAt, acceptedAt, closedAt);
  const left = Math.max(connected, Math.min(closedAt, acceptedAt));
  const gone = isConnected ? acceptedAt : left;
  const pieces: [ConnectionPiece, number, number][] = [
    ['connecting', startedAt, connected],
    ['waiting', connected, left],
    ['abandoned', left, gone],
  ];
  return pieces
    .filter(([, from, to]) => from < to)
    .map(([state, from, to]) => ({ from, to, state, ...(connection === undefined ? {} : { connection }) }));
}
