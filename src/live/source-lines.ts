// The lines of the source at which threads make their calls, as a page has them in itself: the build looks them up, because
// an installed program has no TypeScript.

import { readFileSync } from 'node:fs';
import { type ModelName, modeOf } from '../models/options.js';
import { threadKinds } from '../models/thread-names.js';
import { CALL_SITES, type Site, type Sites } from './call-sites.js';

/** Lines that are shown above and below a call. */
const AROUND = 3;

export interface PlaceInSource extends Pick<Site, 'file' | 'only'> {
  /** Counted from 1. */
  readonly line: number;
}

export interface SourceLines {
  /** By the kind of the thread, and what it calls. */
  readonly places: Readonly<Record<string, Readonly<Record<string, readonly PlaceInSource[]>>>>;
  /** By file, and by the number of the line. */
  readonly lines: Readonly<Record<string, Readonly<Record<number, string>>>>;
}

/** `read` gives a file below src/models. Throws where a place is not in it. */
export function findSourceLines(read: (file: string) => string): SourceLines {
  const lines: Record<string, Record<number, string>> = {};
  const placeOf = ({ file, within, code, only }: Site): PlaceInSource => {
    const all = read(file).split('\n');
    const line = lineOf(all, within, code);
    if (line === 0) throw new Error(`src/live/call-sites.ts: ${within} in ${file} has no ${code}`);
    lines[file] ??= {};
    for (let at = line - AROUND; at <= line + AROUND; at++) lines[file][at] = all[at - 1] ?? '';
    return { file, line, only };
  };
  const placesOf = (sites: Sites): [string, PlaceInSource[]][] =>
    Object.entries(sites).map(([call, each]) => [call, (each ?? []).map(placeOf)]);
  const places = Object.fromEntries(
    Object.entries(CALL_SITES).map(([kind, sites]) => [kind, Object.fromEntries(placesOf(sites))]),
  );
  return { places, lines };
}

/** 0 where there is no such line. */
function lineOf(all: readonly string[], within: string, code: string): number {
  const begins = new RegExp(`^ *(?:export |async |function )*${within}\\(`);
  const from = all.findIndex((text) => begins.test(text));
  const end = all.findIndex((text, i) => i > from && /^ {0,2}\}$/.test(text));
  const found = all.findIndex((text, i) => i > from && i < end && text.includes(code));
  return from < 0 || found < 0 ? 0 : found + 1;
}

/** What the build found, of these models only. */
export function sourceLinesFor(models: readonly string[]): SourceLines {
  const all = JSON.parse(
    readFileSync(new URL('./source-lines.json', import.meta.url), 'utf8'),
  ) as SourceLines;
  const kinds = models.flatMap((model) => threadKinds(modeOf(model as ModelName)));
  const places = pick(all.places, kinds);
  const files = Object.values(places).flatMap((calls) =>
    Object.values(calls).flatMap((each) => each.map(({ file }) => file)),
  );
  return { places, lines: pick(all.lines, files) };
}

function pick<T>(from: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
