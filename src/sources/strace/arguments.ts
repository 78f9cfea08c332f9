// The arguments of a call as strace writes them: cut at commas, descriptors with what they refer to, addresses, bytes.

import type { FourTuple } from '../../net/four-tuple.js';

/** What strace's -yy says of a descriptor. */
export interface Descriptor {
  readonly fd: number;
  /** Such as `TCP:[127.0.0.1:8080->127.0.0.1:50000]`, `/etc/passwd` or `anon_inode:[eventpoll]`; empty without one. */
  readonly refersTo: string;
}

export interface Address {
  readonly address: string;
  readonly port: number;
}

/** `5<TCP:[...]>`. What a socket refers to ends with `]>`, a path with the first `>`: strace escapes any other. */
const DESCRIPTOR = /(-?\d+)(?:<((?:[A-Z][\w-]*:\[.*?\](?=>))|[^>]*)>)?/;
const FIRST_DESCRIPTOR = new RegExp(`^\\[?${DESCRIPTOR.source}`);

/** The descriptor that a text begins with. */
export function descriptorOf(text: string): Descriptor | undefined {
  const found = FIRST_DESCRIPTOR.exec(text);
  return found === null ? undefined : { fd: Number(found[1]), refersTo: found[2] ?? '' };
}

/** All that a list names: `[3<TCP:[...]> 4]`. */
export function descriptorsIn(text: string): Descriptor[] {
  return [...text.matchAll(new RegExp(DESCRIPTOR, 'g'))].map(([, fd, refersTo = '']) => ({
    fd: Number(fd),
    refersTo,
  }));
}

const OPENING = '([{';
const CLOSING = ')]}';

/** Cut at the commas between arguments: not at those in brackets, in strings, or in what a descriptor refers to. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') i = endOfString(text, i);
    else if (c === '<' && /\d/.test(text[i - 1] ?? ''))
      i += descriptorOf(`0${text.slice(i)}`)!.refersTo.length + 1;
    else if (OPENING.includes(c)) depth++;
    else if (CLOSING.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === '' && parts.length === 0 ? [] : [...parts, last];
}

function endOfString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

const CONNECTED = /^TCP(?:v6)?:\[(.+):(\d+)->(.+):(\d+)\]$/;
const NOT_CONNECTED = /^TCP(?:v6)?:\[(.+):(\d+)\]$/;

/** Of a connection: strace names our end first, the 4-tuple the client's. */
export function fourTupleIn(refersTo: string): FourTuple | undefined {
  const ends = CONNECTED.exec(refersTo);
  if (ends === null) return undefined;
  const [, address, port, peer, peerPort] = ends as unknown as string[];
  return [plainAddress(peer!), Number(peerPort), plainAddress(address!), Number(port)];
}

/** Where a listener listens. */
export function localAddressOf(refersTo: string): Address | undefined {
  const local = CONNECTED.test(refersTo) ? null : NOT_CONNECTED.exec(refersTo);
  return local === null ? undefined : { address: plainAddress(local[1]!), port: Number(local[2]) };
}

/** Whether it is a TCP socket, connected or not; undefined where strace did not say. */
export const isTcp = (refersTo: string): boolean => refersTo.startsWith('TCP');

/** From `{sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}`, or the same of IPv6. */
export function socketAddressOf(text: string): Address | undefined {
  const port = /sin6?_port=htons\((\d+)\)/.exec(text)?.[1];
  const address = /(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"/.exec(text)?.[1];
  return port === undefined || address === undefined
    ? undefined
    : { address: plainAddress(address), port: Number(port) };
}

/** IPv6 without its brackets, and an IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2) as itself. */
function plainAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1] ?? bare;
}

/** The size of the buffer, or of all buffers, that a call of read(2), recv(2), write(2) or send(2) gives to the kernel. */
export function sizeOf(name: string, args: string): number | undefined {
  const sizes = /v$|msg$/.test(name)
    ? [...args.replace(STRING, '').matchAll(/\biov_len=(\d+)/g)].map(([, size]) => size)
    : [splitArguments(args)[2]];
  const size = sizes.reduce((sum, each) => sum + Number(each), 0);
  return size > 0 ? size : undefined;
}

const STRING = /"(?:[^"\\]|\\.)*"/gs;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f' };

/** The bytes that strace shows of a buffer, one character each; `whole`: it shows them all. */
export function bytesOf(text: string): { readonly bytes: string; readonly whole: boolean } | undefined {
  if (!text.startsWith('"')) return undefined;
  const end = endOfString(text, 0);
  const bytes = text
    .slice(1, end)
    .replace(/\\(?:([0-7]{1,3})|(.))/gs, (_, octal: string | undefined, other: string) =>
      octal === undefined ? (ESCAPES[other] ?? other) : String.fromCharCode(Number.parseInt(octal, 8)),
    );
  return { bytes, whole: !text.startsWith('...', end + 1) };
}
