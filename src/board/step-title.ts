// The title of a board on which clients make steps: the step that they were at, at the moment that is shown.

export interface TitleStep {
  readonly at: number;
  readonly text: string;
}

/** Such as `silent: 3 a fifth sends a request`; the name alone before the first step. */
export function titleAt(name: string, steps: readonly TitleStep[], now: number): string {
  const number = steps.findLastIndex(({ at }) => at <= now);
  return number < 0 ? name : `${name}: ${number + 1} ${steps[number]!.text}`;
}
