// A recording as a source of events: NDJSON as `--record` writes it, plain or compressed with gzip. It is read piece by
// piece, so memory stays bounded, and gives everything up to the first damage.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { entryOf, type RecordingEntry } from './recording-entry.js';

const PIECE_BYTES = 256 * 1024;
/** Characters. A line of our own has a few hundred. */
const LONGEST_LINE = 1024 * 1024;
/** In a recording of our own, time goes back by some milliseconds at times: docs/events.md, "Order". In microseconds. */
const MOST_BACK_US = 1_000_000;
/** The first bytes of every gzip file (RFC 1952, 2.3.1). */
const GZIP_MAGIC = [0x1f, 0x8b];

/** What a line says, and the line as it stands in the file. */
export type RecordedLine = RecordingEntry & { readonly line: string };

/** Its message is a sentence. All lines before the damage were given. */
export class DamagedRecording extends Error {
  /** Counted from 1. */
  readonly lineNumber: number;

  constructor(lineNumber: number, problem: string) {
    super(problem);
    this.lineNumber = lineNumber;
  }
}

/** The lines of the file, some at a time. Throws a DamagedRecording, or the error of stat(2), open(2) or read(2). */
export async function* readRecording(path: string): AsyncGenerator<readonly RecordedLine[]> {
  if ((await stat(path)).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  const decoder = new TextDecoder();
  const cutter = new LineCutter();
  try {
    for await (const bytes of unzipped(createReadStream(path, { highWaterMark: PIECE_BYTES })))
      yield* cutter.take(decoder.decode(bytes, { stream: true }));
  } catch (error) {
    if (!isGzipError(error)) throw error;
    throw new DamagedRecording(cutter.lineNumber + 1, 'The compressed file is damaged or ends too early.');
  }
  yield* cutter.take(`${decoder.decode()}\n`);
}

/** Text in pieces, cut into lines, each of which is checked. */
class LineCutter {
  /** Of the last whole line. */
  lineNumber = 0;
  #rest = '';
  /** Those of the comparison that this is a recording of. */
  #servers: readonly string[] | undefined;
  readonly #order = new TimeOrder();

  *take(text: string): Generator<readonly RecordedLine[]> {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    const recorded: RecordedLine[] = [];
    let problem: string | undefined;
    for (const line of lines) {
      this.lineNumber++;
      if (line.trim() === '') continue;
      const entry = this.#entryOf(line);
      if (typeof entry === 'string') {
        problem = entry;
        break;
      }
      recorded.push({ ...entry, line });
    }
    yield recorded;
    if (problem !== undefined) throw new DamagedRecording(this.lineNumber, problem);
    if (this.#rest.length > LONGEST_LINE) throw new DamagedRecording(this.lineNumber + 1, 'It is too long.');
  }

  #entryOf(line: string): RecordingEntry | string {
    const data = parsed(line);
    if (data === undefined) return 'It is not JSON, or a part of it is missing.';
    const entry = entryOf(data, this.#servers);
    if (typeof entry === 'string') return entry;
    if (entry.kind === 'comparison') this.#servers = entry.comparison.servers;
    return this.#order.problemOf(entry) ?? entry;
  }
}

/** What one server did, what its clients did, and the steps are in order of time, each by itself. */
class TimeOrder {
  readonly #latest = new Map<string, number>();
  readonly #begun = new Set<number>();

  problemOf(entry: RecordingEntry): string | undefined {
    if (entry.kind === 'comparison') return undefined;
    const server = 'server' in entry ? entry.server : 0;
    if (entry.event.event === 'listening') {
      if (this.#begun.has(server)) return 'A second recording begins here.';
      this.#begun.add(server);
    }
    const whose = `${entry.kind} ${server}`;
    const latest = this.#latest.get(whose) ?? entry.event.at;
    this.#latest.set(whose, Math.max(latest, entry.event.at));
    if (latest - entry.event.at <= MOST_BACK_US) return undefined;
    const seconds = ((latest - entry.event.at) / 1e6).toFixed(1);
    return `It happened ${seconds} s before a line above it: a recording is in order of time, and of one run.`;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function* unzipped(file: Readable): AsyncGenerator<Buffer> {
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done) return;
  const all = Readable.from(following(first.value, chunks));
  const isGzip = GZIP_MAGIC.every((byte, i) => first.value[i] === byte);
  if (!isGzip) return yield* all;
  const gunzip = createGunzip();
  all.on('error', (error) => gunzip.destroy(error));
  yield* all.pipe(gunzip);
}

async function* following(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** zlib's errors: Z_DATA_ERROR, Z_BUF_ERROR. */
const isGzipError = (error: unknown): boolean =>
  String((error as NodeJS.ErrnoException).code).startsWith('Z_');
