// Parses a request head: the request line and the few header fields that this server acts on.
// Pure: bytes in, a Request or a BadRequest out (RFC 9112).

import { afterSpace, beforeSpace, COMMA, CR, isText, isWord, LF, lineFeedIn, SPACE, TAB } from './bytes.js';

export interface Request {
  readonly kind: 'request';
  readonly method: string;
  /** As it was sent: path and query, visible ASCII only. */
  readonly target: string;
  /** Whether the client wants the connection kept open: with HTTP/1.1 unless it says close, with HTTP/1.0 if it asks. */
  readonly keepAlive: boolean;
  /** Whether a body follows the head. This server reads none, so it closes the connection after the reply. */
  readonly hasBody: boolean;
  /** The value of Accept; empty if it was not sent. */
  readonly accept: string;
  readonly version: 'HTTP/1.0' | 'HTTP/1.1';
  /** How long its head was, the empty line included. */
  readonly headBytes: number;
}

export interface BadRequest {
  readonly kind: 'bad-request';
  readonly status: 400 | 414 | 431 | 505;
  /** For the client: what is wrong, and what to send instead. It repeats no byte of the request. */
  readonly problem: string;
}

const COLON = 0x3a;

export const bad = (status: BadRequest['status'], problem: string): BadRequest => ({
  kind: 'bad-request',
  status,
  problem,
});

const NOT_A_REQUEST_LINE = bad(
  400,
  'The first line is not a request line. Send one such as "GET / HTTP/1.1".',
);

/** Tables of bytes, so that each byte of a head is looked at once: 1 where it may stand there. */
const tableOf = (mayStand: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (mayStand(byte) ? 1 : 0));

/** A token: a method or a field name (RFC 9110, section 5.6.2). */
const TOKEN = tableOf((byte) => /[\w!#$%&'*+\-.^`|~]/.test(String.fromCharCode(byte)));
/** A target, as far as it matters here: visible ASCII. */
const VISIBLE = tableOf((byte) => byte > SPACE && byte < 0x7f);
/** A field value: no control character but a tab (RFC 9110, section 5.5). */
const VALUE = tableOf((byte) => (byte >= SPACE && byte !== 0x7f) || byte === TAB);

const pass = (table: Uint8Array, bytes: Buffer, start: number): number => {
  let at = start;
  while (table[bytes[at]!] === 1) at++;
  return at;
};

/**
 * Parses the first head that lies in `bytes` from `start` to `end`; its empty line must be there. Lines may end in CR LF or
 * in LF alone. Host may be missing, so that a person can type a request.
 */
export function parseHead(bytes: Buffer, start: number, end: number): Request | BadRequest {
  const methodEnd = pass(TOKEN, bytes, start);
  if (methodEnd === start || bytes[methodEnd] !== SPACE) return NOT_A_REQUEST_LINE;
  const targetEnd = pass(VISIBLE, bytes, methodEnd + 1);
  if (targetEnd === methodEnd + 1 || bytes[targetEnd] !== SPACE) return NOT_A_REQUEST_LINE;
  const lineFeed = lineFeedIn(bytes, targetEnd, end);
  const lineEnd = bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
  const version = parseVersion(bytes, targetEnd + 1, lineEnd);
  if (version === undefined) return NOT_A_REQUEST_LINE;
  if (version === 'another') return bad(505, 'This server speaks HTTP/1.1 and HTTP/1.0 only.');

  const fields: HeaderFields = { close: false, keepAlive: false, hasBody: false, accept: '' };
  const emptyLine = parseFields(fields, bytes, lineFeed + 1, end);
  if (typeof emptyLine === 'object') return emptyLine;
  return {
    kind: 'request',
    method: textOf(bytes, start, methodEnd),
    target: textOf(bytes, methodEnd + 1, targetEnd),
    version,
    keepAlive: version === 'HTTP/1.1' ? !fields.close : fields.keepAlive && !fields.close,
    hasBody: fields.hasBody,
    accept: fields.accept,
    headBytes: emptyLine + (bytes[emptyLine] === CR ? 2 : 1) - start,
  };
}

/** HTTP/1.2 and later ones of the same major version are answered as HTTP/1.1 (RFC 9110, section 2.5). */
function parseVersion(bytes: Buffer, start: number, end: number): Request['version'] | 'another' | undefined {
  if (isText(bytes, start, end, 'HTTP/1.1')) return 'HTTP/1.1';
  if (isText(bytes, start, end, 'HTTP/1.0')) return 'HTTP/1.0';
  const version = bytes.toString('latin1', start, end);
  if (!/^HTTP\/\d\.\d$/.test(version)) return undefined;
  return version.startsWith('HTTP/1.') ? 'HTTP/1.1' : 'another';
}

/** Most requests are GET /: they need no new string. */
function textOf(bytes: Buffer, start: number, end: number): string {
  if (isText(bytes, start, end, '/')) return '/';
  if (isText(bytes, start, end, 'GET')) return 'GET';
  return bytes.toString('latin1', start, end);
}

interface HeaderFields {
  close: boolean;
  keepAlive: boolean;
  hasBody: boolean;
  accept: string;
}

/** Fills `fields`, and gives where the empty line is. */
function parseFields(fields: HeaderFields, bytes: Buffer, start: number, end: number): BadRequest | number {
  let line = start;
  while (line < end) {
    const colon = pass(TOKEN, bytes, line);
    if (colon === line && isLineEnd(bytes, line)) return line;
    if (colon === line || bytes[colon] !== COLON) {
      return bad(400, 'A header line has no name and colon. Send lines such as "Host: localhost".');
    }
    const valueEnd = pass(VALUE, bytes, colon + 1);
    if (!isLineEnd(bytes, valueEnd)) return bad(400, 'A header value has a control character.');
    const problem = takeField(fields, bytes, line, colon, valueEnd);
    if (problem !== undefined) return problem;
    line = valueEnd + (bytes[valueEnd] === CR ? 2 : 1);
  }
  throw new RangeError('there is no empty line');
}

/** A list of words, separated by commas (RFC 9110, sections 5.6.1 and 7.6.1). */
function takeConnection(fields: HeaderFields, bytes: Buffer, start: number, end: number): void {
  for (let at = start, comma: number; at <= end; at = comma + 1) {
    comma = at;
    while (comma < end && bytes[comma] !== COMMA) comma++;
    const from = afterSpace(bytes, at, comma);
    const to = beforeSpace(bytes, from, comma);
    if (isWord(bytes, from, to, 'close')) fields.close = true;
    else if (isWord(bytes, from, to, 'keep-alive')) fields.keepAlive = true;
  }
}

const isLineEnd = (bytes: Buffer, at: number): boolean =>
  bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);

/** Notes the fields that change what the server does. */
function takeField(
  fields: HeaderFields,
  bytes: Buffer,
  start: number,
  colon: number,
  end: number,
): BadRequest | undefined {
  if (isWord(bytes, start, colon, 'connection')) {
    takeConnection(fields, bytes, colon + 1, end);
  } else if (isWord(bytes, start, colon, 'content-length')) {
    const from = afterSpace(bytes, colon + 1, end);
    const value = bytes.toString('latin1', from, beforeSpace(bytes, from, end));
    if (!/^\d+$/.test(value)) return bad(400, 'Content-Length must be a whole number.');
    if (!/^0+$/.test(value)) fields.hasBody = true;
  } else if (isWord(bytes, start, colon, 'transfer-encoding')) {
    fields.hasBody = true;
  } else if (isWord(bytes, start, colon, 'accept')) {
    const value = bytes.toString('latin1', colon + 1, end);
    fields.accept = fields.accept === '' ? value : `${fields.accept},${value}`; // RFC 9110, section 5.3
  }
  return undefined;
}
