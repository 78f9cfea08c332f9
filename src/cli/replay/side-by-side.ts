// Two recordings of a server each, played as the recording of a comparison is. The clock of each begins with its first client.

import { basename } from 'node:path';
import { InOrder } from '../../compare/in-order.js';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { RecordedLine } from '../../sources/recording.js';
import { Recording, Unplayable } from './recording.js';

export class SideBySide extends Recording {
  readonly #parts: readonly Recording[];

  /** They are played from their first clients on, if nothing else is said. */
  constructor(files: readonly string[], from = 0, to?: number) {
    super(files, from, to);
    this.#parts = files.map((file) => new Recording([file]));
  }

  override get title(): string {
    return this.#parts.map(({ title }) => title).join(' beside ');
  }

  /** Of a part that is damaged, the lines before the damage. */
  protected override async *source(): AsyncGenerator<readonly RecordedLine[]> {
    const parts = this.#parts;
    const readers = parts.map(fromFirstClient);
    const lines: RecordedLine[] = [];
    const order = new InOrder({
      onEvent: (part, event) => lines.push({ kind: 'event', server: Number(part), event, line: '' }),
    });
    const knownTo = parts.map(() => Number.NEGATIVE_INFINITY);
    const readOn = async (i: number): Promise<void> => {
      const { value } = await readers[i]!.next();
      order.addEvents(String(i), value ?? []);
      knownTo[i] = value?.at(-1)?.at ?? Number.POSITIVE_INFINITY;
    };
    try {
      for (const i of parts.keys()) await readOn(i);
      const lacking = parts.find((_, i) => knownTo[i] === Number.POSITIVE_INFINITY);
      if (lacking !== undefined) throw new Unplayable(lacking.problem);
      yield [comparisonOf(parts), FIRST_CLIENTS];
      while (knownTo.some(Number.isFinite)) {
        await readOn(knownTo.indexOf(Math.min(...knownTo)));
        order.tellUntil(Math.min(...knownTo));
        yield lines.splice(0);
      }
    } finally {
      await Promise.all(readers.map((reader) => reader.return(undefined)));
    }
    const problems = parts.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0) throw new Unplayable(problems.join(' '));
  }
}

async function* fromFirstClient(part: Recording): AsyncGenerator<readonly LifecycleEvent[]> {
  let events: LifecycleEvent[] = [];
  let zero: number | undefined;
  const onItsClock = (): LifecycleEvent[] => {
    const begin = zero ?? events[0]?.at ?? 0;
    return events.splice(0).map((event) => ({ ...event, at: event.at - begin }));
  };
  for await (const lines of part.read()) {
    if (part.comparison !== undefined)
      throw new Unplayable(`${part.file} is a recording of several servers already. Play it alone.`);
    events = events.concat(lines.flatMap((line) => (line.kind === 'event' ? [line.event] : [])));
    zero ??= events.find(({ event }) => event === 'accepted')?.at;
    if (zero !== undefined && events.length > 0) yield onItsClock();
  }
  if (events.length > 0) yield onItsClock();
}

const FIRST_CLIENTS: RecordedLine = {
  kind: 'step',
  event: { at: 0, event: 'step', text: 'the first client of each connects' },
  line: '',
};

function comparisonOf(parts: readonly Recording[]): RecordedLine {
  const files = parts.map(({ file }) => basename(file));
  const comparison = {
    at: 0,
    event: 'comparison',
    scenario: files.join(' beside '),
    question: '',
    servers: namesOf(parts, files),
    startedAt: '',
  } as const;
  return { kind: 'comparison', comparison, line: '' };
}

/** The models, if they differ; otherwise each with its file, as `evented:before.ndjson`. */
function namesOf(parts: readonly Recording[], files: readonly string[]): string[] {
  const models = parts.map(({ names }) => names[0]!);
  if (areDifferent(models)) return models;
  return models.map((model, i) => `${model}:${areDifferent(files) ? files[i] : parts[i]!.file}`);
}

const areDifferent = (texts: readonly string[]): boolean => new Set(texts).size === texts.length;
