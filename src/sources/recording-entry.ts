// What a line of a recording says: an event of a server or, in a recording of `compare`, of one of its servers, of one of
// its clients, or a step that all clients make.

import { isFourTuple, isNumber, problemOfEvent } from '../lifecycle/check-event.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { FourTuple } from '../net/four-tuple.js';

/** The first line of a comparison's recording. */
export interface RecordedComparison {
  readonly at: number;
  readonly event: 'comparison';
  readonly scenario: string;
  readonly question: string;
  /** Their names, each of which stands in the lines of that server. */
  readonly servers: readonly string[];
  /** The wall clock at `at` 0, as ISO 8601 writes it. */
  readonly startedAt: string;
}

/** What the clients do to all servers from this moment on. */
export interface RecordedStep {
  readonly at: number;
  readonly event: 'step';
  readonly text: string;
}

/** What happened to one connection, as its client saw it; `client` counts from 1 for each server. */
export interface ClientMoment {
  readonly at: number;
  readonly event: string;
  readonly client: number;
  readonly fourTuple?: FourTuple;
  /** Of `sent` and `received`. */
  readonly bytes?: number;
  /** Of `closed`. */
  readonly withReset?: true;
}

/** `server`: the place of the server in the comparison's list; 0 where there is only one. */
export type RecordingEntry =
  | { readonly kind: 'comparison'; readonly comparison: RecordedComparison }
  | { readonly kind: 'event'; readonly server: number; readonly event: LifecycleEvent }
  | { readonly kind: 'client'; readonly server: number; readonly event: ClientMoment }
  | { readonly kind: 'step'; readonly event: RecordedStep };

/** When it happened, in microseconds. */
export const timeOf = (entry: RecordingEntry): number =>
  entry.kind === 'comparison' ? entry.comparison.at : entry.event.at;

/** More would not fit on any screen. */
const MOST_SERVERS = 16;

/**
 * What a line says, or what is wrong with it as a sentence. `servers`: those of the comparison whose first line came before;
 * undefined where there is none.
 */
export function entryOf(data: unknown, servers: readonly string[] | undefined): RecordingEntry | string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return 'It is no JSON object.';
  const fields = data as Record<string, unknown>;
  if (fields.event === 'comparison') return comparisonOf(fields, servers);
  if (servers === undefined && fields.server !== undefined)
    return 'It belongs to a comparison, and the first line of that is missing.';
  if (servers === undefined) return eventOf(fields, 0);
  if (fields.event === 'step') return stepOf(fields);
  // The mark of a disk that was too slow is about all servers.
  const server = fields.event === 'skipped' ? 0 : servers.indexOf(String(fields.server));
  if (server < 0) return 'It does not name a server of this comparison.';
  return fields.client === undefined ? eventOf(fields, server) : momentOf(fields, server);
}

function eventOf(fields: Record<string, unknown>, server: number): RecordingEntry | string {
  return problemOfEvent(fields) ?? { kind: 'event', server, event: fields as unknown as LifecycleEvent };
}

function comparisonOf(
  fields: Record<string, unknown>,
  before: readonly string[] | undefined,
): RecordingEntry | string {
  const { at, servers, scenario, question, startedAt } = fields;
  if (before !== undefined) return 'A second comparison begins here.';
  const named =
    Array.isArray(servers) &&
    servers.length > 0 &&
    servers.length <= MOST_SERVERS &&
    new Set(servers).size === servers.length &&
    servers.every((name) => typeof name === 'string');
  const texts = [scenario, question, startedAt];
  if (!named || !isNumber(at) || !texts.every((each) => typeof each === 'string'))
    return 'A comparison needs the number "at", a list "servers" and the texts "scenario", "question" and "startedAt".';
  return { kind: 'comparison', comparison: fields as unknown as RecordedComparison };
}

function stepOf(fields: Record<string, unknown>): RecordingEntry | string {
  if (!isNumber(fields.at) || typeof fields.text !== 'string')
    return 'A step needs the number "at" and the text "text".';
  return { kind: 'step', event: fields as unknown as RecordedStep };
}

function momentOf(fields: Record<string, unknown>, server: number): RecordingEntry | string {
  const { at, event, client, fourTuple, bytes } = fields;
  if (!isNumber(at) || !isNumber(client) || typeof event !== 'string')
    return 'Each event of a client needs the numbers "at" and "client" and the text "event".';
  if (fourTuple !== undefined && !isFourTuple(fourTuple))
    return 'The field "fourTuple" of this event of a client has a wrong value.';
  if ((event === 'sent' || event === 'received') && !isNumber(bytes))
    return `The field "bytes" of this "${event}" is missing or has a wrong value.`;
  return { kind: 'client', server, event: fields as unknown as ClientMoment };
}
