// The fields of an assignment: what each may hold, what holds where it is left out, and sentences for what is wrong.

import { closestMatch } from 'leven';

/** What is wrong with an assignment, as a sentence that names the field. */
export class AssignmentProblem extends Error {}

export interface AssignmentField<T> {
  readonly value: T;
  /** Completes the sentence "Use ...". */
  readonly use: string;
  readonly isGood: (value: unknown) => boolean;
}

export const wholeNumber = (value: number, least: number, most: number): AssignmentField<number> => ({
  value,
  use: `a whole number from ${least} to ${most}`,
  isGood: (given) => Number.isInteger(given) && Number(given) >= least && Number(given) <= most,
});

export const someNumber = (value: number, least: number, most: number): AssignmentField<number> => ({
  value,
  use: `a number from ${least} to ${most}`,
  isGood: (given) => typeof given === 'number' && given >= least && given <= most,
});

export const text = <T extends string | undefined>(
  value: T,
  mostCharacters = 16_384,
): AssignmentField<T | string> => ({
  value,
  use: `a text of at most ${mostCharacters} characters`,
  isGood: (given) => typeof given === 'string' && given.length > 0 && given.length <= mostCharacters,
});

export const yesOrNo = (value: boolean): AssignmentField<boolean> => ({
  value,
  use: 'true or false',
  isGood: (given) => typeof given === 'boolean',
});

export const oneOf = <T extends string>(value: T, choices: readonly T[]): AssignmentField<T> => ({
  value,
  use: choices.map((each) => JSON.stringify(each)).join(' or '),
  isGood: (given) => choices.includes(given as T),
});

type AssignmentFields = Readonly<Record<string, AssignmentField<unknown>>>;
export type Values<F extends AssignmentFields> = { readonly [K in keyof F]: F[K]['value'] };

/** `where`: whose fields they are, for sentences, such as ` of the check "silent"`. `others`: fields that are read elsewhere. */
export function readFields<F extends AssignmentFields>(
  given: Readonly<Record<string, unknown>>,
  fields: F,
  where: string,
  others: readonly string[] = [],
): Values<F> {
  const known = [...others, ...Object.keys(fields)];
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) throw new AssignmentProblem(unknownField(name, known, where));
    const field = fields[name];
    if (field !== undefined && !field.isGood(value))
      throw new AssignmentProblem(`"${name}"${where} cannot be ${shown(value)}. Use ${field.use}.`);
  }
  const values = Object.entries(fields).map(([name, { value }]) => [name, given[name] ?? value]);
  return Object.fromEntries(values) as Values<F>;
}

function unknownField(name: string, known: readonly string[], where: string): string {
  const near = closestMatch(name, [...known], { maxDistance: Math.floor(name.length / 2.5) });
  const next = near === undefined ? `Use ${known.join(', ')}.` : `Did you mean "${near}"?`;
  return `There is no field ${JSON.stringify(name)}${where}. ${next}`;
}

export function objectAt(given: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new AssignmentProblem(`${what} cannot be ${shown(given)}. Use an object: { ... }.`);
  return given as Readonly<Record<string, unknown>>;
}

const MOST_SHOWN = 60;

export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > MOST_SHOWN ? `${json.slice(0, MOST_SHOWN)}...` : json;
}
