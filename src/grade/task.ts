// What clients ask of a server, and what has to come back: the part of an assignment that is the same for all checks.

import type { ServerAddress } from '../clients/client.js';
import { addressAndPort } from '../net/address.js';
import { count } from '../terminal/quantities.js';
import type { Received } from './client.js';
import { oneOf, shown, someNumber, text, type Values, wholeNumber } from './fields.js';

export const TASK = {
  title: text('A TCP server', 200),
  /** `plain`: the server answers with any bytes, and closes. */
  protocol: oneOf('http', ['http', 'plain']),
  path: text('/', 2000),
  /** With {path} and {host}. */
  request: text('GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n'),
  /** Of an HTTP reply. */
  status: wholeNumber(200, 100, 599),
  contains: text(undefined),
  /** Seconds until it listens. */
  start: someNumber(10, 0.1, 60),
};

/** A path with a large reply, and how many bytes that has at least. */
export const BIG = { path: text('/big', 2000), bytes: wholeNumber(20_000_000, 1_000_000, 1_000_000_000) };

export interface Task extends Values<typeof TASK> {
  readonly big: Values<typeof BIG> | undefined;
}

export const requestFor = ({ request }: Task, path: string, where: ServerAddress): string =>
  request.replaceAll('{path}', path).replaceAll('{host}', addressAndPort(where));

/** `5 seconds`, `0.5 seconds`. */
export const inSeconds = (seconds: number): string => count(seconds, 'second');

/** What is wrong with a reply, as a sentence; undefined where it is as it has to be. */
export function wrongWith(
  reply: Received,
  { protocol, status, contains }: Task,
  seconds: number,
): string | undefined {
  if (reply.ending !== 'whole') return whatCame(reply, protocol, seconds);
  if (protocol === 'http' && reply.status !== status) return `The reply had the status ${reply.status}.`;
  if (contains !== undefined && !reply.text.includes(contains))
    return `The reply did not contain ${shown(contains)}: it begins with ${shown(reply.text)}.`;
  return undefined;
}

export function whatCame(
  { ending, bytes, status, text }: Received,
  protocol: string,
  seconds: number,
): string {
  const isOther = bytes > 0 && protocol === 'http' && status === undefined;
  const other = `no HTTP reply, but ${count(bytes, 'byte')} that begin with ${shown(text)}`;
  switch (ending) {
    case 'open':
      if (bytes === 0) return `Nothing came back within ${inSeconds(seconds)}.`;
      if (isOther) return `Within ${inSeconds(seconds)} came ${other}.`;
      return `${count(bytes, 'byte')} came back within ${inSeconds(seconds)}, but not the end of the reply.`;
    case 'closed':
      if (bytes === 0) return 'The server closed the connection without a reply.';
      if (isOther) return `What came was ${other}.`;
      return `The server closed the connection after ${count(bytes, 'byte')}, before the end of the reply.`;
    case 'reset':
      return bytes === 0
        ? 'The connection was reset, without a reply.'
        : `The connection was reset after ${count(bytes, 'byte')} of the reply.`;
    case 'refused':
      return 'The connection was refused: nobody listened on the port any longer.';
    case 'not connected':
      return `It could not even connect within ${inSeconds(seconds)}: the accept queue was full.`;
    case 'whole':
      return `A whole reply of ${count(bytes, 'byte')} came back.`;
  }
}

export function whatWasDue({ protocol, status, contains }: Task): string {
  const what = protocol === 'http' ? `A whole reply with status ${status}` : 'A reply, and then a close,';
  const text = contains === undefined ? '' : ` that contains ${shown(contains)}`;
  return `${what}${text} was due.`;
}
