// A colour for each connection of the report page. It stays the same on the whole page, and on a screen no other of the
// first 1,000 connections has it.

/** A colour for the light page and one for the dark one. */
export interface Pair {
  readonly light: string;
  readonly dark: string;
}

/** The golden angle: however many there are, the hues of neighbours are far apart. */
const GOLDEN_DEGREES = 137.508;
/** With it none of the first ten is near the colour of a model. */
const FIRST_HUE = 40;
/** Hues that are close to each other differ in lightness, whose steps never coincide with those of the hue. */
const LIGHTNESS_STEP = 0.7548776662;

export function connectionColour(id: number): Pair {
  const hue = ((FIRST_HUE + id * GOLDEN_DEGREES) % 360).toFixed(2);
  const part = (id * LIGHTNESS_STEP) % 1;
  // Text on them has a contrast of 4.5 or more.
  return {
    light: `oklch(${(0.37 + 0.15 * part).toFixed(4)} 0.13 ${hue})`,
    dark: `oklch(${(0.67 + 0.16 * part).toFixed(4)} 0.12 ${hue})`,
  };
}
