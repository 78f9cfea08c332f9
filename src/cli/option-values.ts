// Readers for the values of options: each gives the value, or says in one sentence what it expected.

import { InvalidArgumentError } from 'commander';
import { closestMatch } from 'leven';

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`);
  };
}

/** A number within bounds, fractions allowed. */
export function numberUpTo(most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}(\.\d{1,6})?$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`expected a number from 0 to ${most}.`);
  };
}

/** One of a few words; a near miss is told the word it may have meant. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word !== undefined) return word;
    const near = closestMatch(text, words, { maxDistance: 3 });
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    throw new InvalidArgumentError(
      `expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}${hint || '.'}`,
    );
  };
}
