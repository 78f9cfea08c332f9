// The events of several servers as few rows: what is the same for all of them is said once, what differs stands side by
// side, and connections that fared alike are one group. One fold over one stream of events, a step at a time.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ClientMoment } from '../../sources/recording-entry.js';
import { count } from '../../terminal/quantities.js';
import { groupBy } from '../group-by.js';
import { type Piece, ServerStep } from './server-step.js';
import { AT_ONCE, FACTS, idsOf, linesOf, outcome } from './words.js';

/** `same`: for every server. Otherwise a text for each, undefined where it has nothing to say. */
export type FoldedRow = { readonly kind: RowKind } & (
  | { readonly same: string; readonly cells?: undefined }
  | { readonly same?: undefined; readonly cells: readonly (string | undefined)[] }
);

/** `group` begins a group of connections and `fact` is about it; `trouble` is either, where something failed. */
export type RowKind = 'group' | 'fact' | 'at once' | 'trouble';

export class Fold {
  readonly #servers: readonly ServerStep[];
  #begun = false;

  constructor(servers: number) {
    this.#servers = Array.from({ length: servers }, () => new ServerStep());
  }

  take(server: number, event: LifecycleEvent): void {
    this.#servers[server]!.take(event);
  }

  takeMoments(server: number, moments: readonly ClientMoment[]): void {
    this.#servers[server]!.takeMoments(moments);
  }

  /** What comes from now on belongs to the next step, which began at this time. */
  next(at: number): void {
    this.#begun = true;
    for (const server of this.#servers) server.next(at);
  }

  /** What happened during this step so far; nothing before the first. */
  rows(until: number): FoldedRow[] {
    if (!this.#begun) return [];
    const groups = this.#servers.map(({ pieces }) => groupBy(pieces, outcome));
    const names = new Set(inOrder(groups));
    const killed = this.#servers.map((server) => server.killed.join(', ') || undefined);
    const most = this.#servers.map((server) => linesOf(server.atOnce(until)));
    const missing = this.#servers.map(({ eventsMissing }) =>
      eventsMissing === 0 ? undefined : `${count(eventsMissing, 'event')} missing: there were too many`,
    );
    return [
      ...row('trouble', killed),
      ...[...names].flatMap((name) =>
        rowsOf(
          name,
          groups.map((each) => each.get(name)),
        ),
      ),
      ...AT_ONCE.flatMap((name) =>
        row(
          'at once',
          most.map((lines) => lines.get(name)),
        ),
      ),
      ...row('trouble', missing),
    ];
  }
}

/** Groups by the lowest id that they have in any server. */
function inOrder(groups: readonly ReadonlyMap<string, readonly Piece[]>[]): string[] {
  return groups
    .flatMap((each) => [...each].map(([name, pieces]) => ({ name, id: pieces[0]!.id })))
    .sort((a, b) => a.id - b.id)
    .map(({ name }) => name);
}

function rowsOf(name: string, groups: readonly (readonly Piece[] | undefined)[]): FoldedRow[] {
  const head = groups.map((pieces) => pieces && `${idsOf(pieces)} ${name}`);
  const failed = groups.some((pieces) => pieces?.some(({ trouble }) => trouble.length > 0));
  const facts = FACTS.map((fact) => groups.map((pieces) => pieces && fact(pieces)));
  return [...row(failed ? 'trouble' : 'group', head), ...facts.flatMap((cells) => row('fact', cells))];
}

function row(kind: RowKind, cells: readonly (string | undefined)[]): FoldedRow[] {
  const [first] = cells;
  if (cells.every((cell) => cell === undefined)) return [];
  const all = cells.length > 1 && cells.every((cell) => cell === first);
  return [all ? { kind, same: first! } : { kind, cells }];
}
