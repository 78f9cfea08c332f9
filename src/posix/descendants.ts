// Everything that this process has started, found and ended: also what has left its group or session, or whose parent has
// ended, where this process adopts such orphans (adoptOrphans() in system-calls.ts).

import { setTimeout as delay } from 'node:timers/promises';
import { guards } from './guard.js';
import { processIds, readProc, statFields } from './proc.js';
import { reap } from './system-calls.js';

/** How long a program may take to end by SIGTERM, and then by SIGKILL, in milliseconds. */
const TERM_MS = 500;
const KILL_MS = 5000;
const LOOK_EVERY_MS = 10;

export interface Descendant {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** It has ended, and its parent has not asked how. */
  readonly isZombie: boolean;
}

/** The descendants of this process. */
export function descendants(): Descendant[] {
  const children = new Map<number, Descendant[]>();
  for (const pid of processIds()) {
    const [state, parent, , session] = statFields(readProc(`/proc/${pid}/stat`));
    const siblings = children.get(Number(parent)) ?? [];
    siblings.push({
      pid,
      parent: Number(parent),
      session: Number(session),
      isZombie: state === 'Z' || state === 'X',
    });
    children.set(Number(parent), siblings);
  }
  const found: Descendant[] = [];
  const visit = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      if (guards.has(child.pid)) continue;
      found.push(child);
      visit(child.pid);
    }
  };
  visit(process.pid);
  return found;
}

/** The pids of those that run; all but the spared one. */
export const living = (spared?: number): number[] =>
  descendants().flatMap(({ pid, isZombie }) => (isZombie || pid === spared ? [] : [pid]));

/** Resolves when none is left but the spared one: SIGTERM, and a moment later SIGKILL. */
export async function endDescendants(spared?: number): Promise<void> {
  for (const pid of living(spared)) signal(pid, 'SIGTERM');
  await until(() => living(spared).length === 0, TERM_MS);
  await until(() => {
    // Again and again: it may be starting others just now.
    const left = living(spared);
    for (const pid of left) signal(pid, 'SIGKILL');
    return left.length === 0;
  }, KILL_MS);
}

/** Orphans that have ended stay in the kernel's table until we take their status. `child`: Node itself waits for it. */
export function reapOrphans(child: number | undefined): void {
  for (const { pid, parent, isZombie } of descendants())
    if (isZombie && parent === process.pid && pid !== child) reap(pid);
}

/** Resolves with whether it came true in time. */
export async function until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() >= deadline) return false;
    await delay(LOOK_EVERY_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
