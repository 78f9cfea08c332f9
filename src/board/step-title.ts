// The title of a board on which clients make steps: the step that they were at, at the moment that is shown.

export interface TitleStep {
  readonly number: number;
  readonly at: number;
  readonly text: string;
}

/** Such as `silent: 3 a fifth sends a request`; the name alone before the first step. */
export function titleAt(name: string, steps: readonly TitleStep[], now: number): string {
  const step = steps.findLast(({ at }) => at <= now);
  return step === undefined ? name : `${name}: ${step.number} ${step.text}`;
}
