// Whether plain data is an event as the table of events.ts has it: for events that come from a file.

import { EVENTS, type EventName, type Field } from './events.js';

/**
 * What is wrong with it, as a sentence; undefined where it is an event. One with an unknown name passes, for a later version
 * may have written it.
 */
export function problemOfEvent(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return 'It is no JSON object.';
  const fields = data as Record<string, unknown>;
  const { at, event, thread, tid } = fields;
  if (typeof event !== 'string') return 'It has no "event".';
  if (!isNumber(at) || typeof thread !== 'string' || !isNumber(tid))
    return 'Each event needs the numbers "at" and "tid" and the text "thread".';
  if (!Object.hasOwn(EVENTS, event)) return undefined;
  const table: Record<string, Field<unknown>> = EVENTS[event as EventName];
  const wrong = Object.entries(table).find(([name, field]) => !fits(fields[name], field));
  return wrong && `The field "${wrong[0]}" of this "${event}" is missing or has a wrong value.`;
}

function fits(value: unknown, { number, shape, optional }: Field<unknown>): boolean {
  if (value === undefined) return optional === true || (Array.isArray(number) && number.includes(undefined));
  if (Array.isArray(number)) return number.includes(value);
  if (number === 'errno') return value === null || typeof value === 'string';
  if (number === 'readiness' || shape === 'text') return typeof value === 'string';
  if (shape === 'texts') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (shape === 'four-tuple') return isFourTuple(value);
  if (shape === 'loops') return Array.isArray(value) && value.every(isLoopTotals);
  return isNumber(value);
}

export const isFourTuple = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 4 &&
  value.every((each, i) => (i % 2 === 0 ? typeof each === 'string' : isNumber(each)));

export const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

function isLoopTotals(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { thread, connections, requests } = value as Record<string, unknown>;
  return typeof thread === 'string' && Number.isFinite(connections) && Number.isFinite(requests);
}
