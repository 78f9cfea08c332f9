// Whether a server that is not ours did what a path of our models asks: waited, computed, sent so many bytes.

import type { Exchange } from './client.js';

/** False for an answer that shows that it did not. What is no answer at all failed, which is another matter. */
export function isAsAsked(
  target: string,
  { outcome, tookUs, bytes }: Pick<Exchange, 'outcome' | 'tookUs' | 'bytes'>,
): boolean {
  if (target === '/') return true;
  if (outcome !== 'answered') return outcome !== 'not status 200';
  const [, path, number] = /^\/(sleep|compute|bytes)\?\w+=(\d+)$/.exec(target) ?? [];
  if (path === 'bytes') return bytes >= Number(number);
  return path === undefined || tookUs >= Number(number) * 1000;
}
