// The title of a board on which clients make steps: the step that they were at, at the moment that is shown.

/** What the clients do from a moment on, in microseconds on the axis of the events. */
export interface ClientsStep {
  readonly at: number;
  readonly text: string;
}

/** Counted from 1. */
export type NumberedStep = ClientsStep & { readonly number: number };

/** Such as `silent: 3 a fifth sends a request`; the name alone before the first step. */
export function titleAt(name: string, steps: readonly NumberedStep[], now: number): string {
  const step = steps.findLast(({ at }) => at <= now);
  return step === undefined ? name : `${name}: ${step.number} ${step.text}`;
}
