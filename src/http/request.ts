// A request head as bytes become it: the request line and the few header fields that a server of this kind acts on.
// Pure: bytes in, a Request or a BadRequest out (RFC 9112).

import { afterSpace, beforeSpace, CR, eachElement, isText, isWord, lineFeedIn, SPACE, TAB } from './bytes.js';

export interface Request {
  readonly kind: 'request';
  readonly method: string;
  /** As it was sent: path and query, visible ASCII only. */
  readonly target: string;
  /** Whether the client would have the connection kept open: HTTP/1.1 unless it says close, HTTP/1.0 if it asks. */
  readonly keepAlive: boolean;
  /** Whether a body follows the head. Nothing here takes one, so the connection ends after the reply. */
  readonly hasBody: boolean;
  /** What it would like to be sent, as it said: the value of Accept; empty where it said nothing. */
  readonly accept: string;
  readonly version: 'HTTP/1.0' | 'HTTP/1.1';
}

export interface BadRequest {
  readonly kind: 'bad-request';
  readonly status: 400 | 414 | 431 | 505;
  /** For the client: what is wrong, and what to send instead. It repeats no byte of the request. */
  readonly problem: string;
}

const COLON = 0x3a;

const bad = (status: BadRequest['status'], problem: string): BadRequest => ({
  kind: 'bad-request',
  status,
  problem,
});

const NOT_A_REQUEST_LINE = bad(
  400,
  'The first line is not a request line. Send one such as "GET / HTTP/1.1".',
);

/** The characters of a token: a method or a field name (RFC 9110, section 5.6.2). */
const TOKEN = new Uint8Array(256);
for (const each of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[each.charCodeAt(0)] = 1;
}

/**
 * Parses the head that lies in `bytes` from `start` to `end`, its empty line included. Lines may end in CR LF or in LF
 * alone. A missing Host is let pass, so that a person can type a request.
 */
export function parseHead(bytes: Buffer, start: number, end: number): Request | BadRequest {
  const lineEnd = lineFeedIn(bytes, start, end);
  const requestLine = parseRequestLine(bytes, start, endWithoutCr(bytes, start, lineEnd));
  if (requestLine.kind === 'bad-request') return requestLine;

  const fields = parseFields(bytes, lineEnd + 1, end);
  if (fields.kind === 'bad-request') return fields;

  const { method, target, version } = requestLine;
  const { hasBody, accept } = fields;
  const keepAlive = version === 'HTTP/1.1' ? !fields.close : fields.keepAlive && !fields.close;
  return { kind: 'request', method, target, version, keepAlive, hasBody, accept };
}

interface RequestLine {
  kind: 'request-line';
  method: string;
  target: string;
  version: Request['version'];
}

function parseRequestLine(bytes: Buffer, start: number, end: number): RequestLine | BadRequest {
  let at = start;
  while (at < end && TOKEN[bytes[at]!] === 1) at++;
  const methodEnd = at;
  if (methodEnd === start || methodEnd === end || bytes[methodEnd] !== SPACE) return NOT_A_REQUEST_LINE;

  at = methodEnd + 1;
  while (at < end && bytes[at]! > SPACE && bytes[at]! < 0x7f) at++;
  const targetEnd = at;
  if (targetEnd === methodEnd + 1 || targetEnd === end || bytes[targetEnd] !== SPACE)
    return NOT_A_REQUEST_LINE;

  const version = parseVersion(bytes, targetEnd + 1, end);
  if (version === undefined) return NOT_A_REQUEST_LINE;
  if (version === 'another') return bad(505, 'This server speaks HTTP/1.1 and HTTP/1.0 only.');
  const method = textOf(bytes, start, methodEnd);
  const target = textOf(bytes, methodEnd + 1, targetEnd);
  return { kind: 'request-line', method, target, version };
}

/** HTTP/1.2 and later ones of the same major version are answered as HTTP/1.1 (RFC 9110, section 2.5). */
function parseVersion(bytes: Buffer, start: number, end: number): Request['version'] | 'another' | undefined {
  if (isText(bytes, start, end, 'HTTP/1.1')) return 'HTTP/1.1';
  if (isText(bytes, start, end, 'HTTP/1.0')) return 'HTTP/1.0';
  const version = bytes.toString('latin1', start, end);
  if (!/^HTTP\/\d\.\d$/.test(version)) return undefined;
  return version.startsWith('HTTP/1.') ? 'HTTP/1.1' : 'another';
}

/** GET and / are what most requests are made of: they need no new string. */
function textOf(bytes: Buffer, start: number, end: number): string {
  if (isText(bytes, start, end, '/')) return '/';
  if (isText(bytes, start, end, 'GET')) return 'GET';
  return bytes.toString('latin1', start, end);
}

interface Fields {
  kind: 'fields';
  close: boolean;
  keepAlive: boolean;
  hasBody: boolean;
  accept: string;
}

function parseFields(bytes: Buffer, start: number, end: number): Fields | BadRequest {
  const fields: Fields = { kind: 'fields', close: false, keepAlive: false, hasBody: false, accept: '' };
  let line = start;
  while (line < end) {
    const next = lineFeedIn(bytes, line, end) + 1;
    const lineEnd = endWithoutCr(bytes, line, next - 1);
    if (lineEnd > line) {
      let colon = line;
      while (colon < lineEnd && TOKEN[bytes[colon]!] === 1) colon++;
      if (colon === line || bytes[colon] !== COLON) {
        return bad(400, 'A header line has no name and colon. Send lines such as "Host: localhost".');
      }
      for (let at = colon + 1; at < lineEnd; at++) {
        const byte = bytes[at]!;
        if ((byte < SPACE && byte !== TAB) || byte === 0x7f) {
          return bad(400, 'A header value has a control character.');
        }
      }
      const problem = takeField(fields, bytes, line, colon, lineEnd);
      if (problem !== undefined) return problem;
    }
    line = next;
  }
  return fields;
}

/** Takes note of the fields that change what the server does. */
function takeField(
  fields: Fields,
  bytes: Buffer,
  start: number,
  colon: number,
  end: number,
): BadRequest | undefined {
  if (isWord(bytes, start, colon, 'connection')) {
    eachElement(bytes, colon + 1, end, (from, to) => {
      if (isWord(bytes, from, to, 'close')) fields.close = true;
      else if (isWord(bytes, from, to, 'keep-alive')) fields.keepAlive = true;
    });
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

function endWithoutCr(bytes: Buffer, start: number, lineFeed: number): number {
  return lineFeed > start && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
}
