// A colour for each connection of the report page. It stays the same on the whole page, and no other connection has it.

/** A colour for the light page and one for the dark one. */
export interface Pair {
  readonly light: string;
  readonly dark: string;
}

/** The golden angle: however many there are, the hues of neighbours are far apart, and none comes twice. */
const GOLDEN_DEGREES = 137.508;
/** Text on them has a contrast of 4.5 or more. */
const LIGHTNESS = { light: [0.52, 0.44, 0.36], dark: [0.72, 0.82, 0.65] };

export function connectionColour(id: number): Pair {
  const hue = ((250 + id * GOLDEN_DEGREES) % 360).toFixed(2);
  const shade = id % 3;
  return {
    light: `oklch(${LIGHTNESS.light[shade]} 0.14 ${hue})`,
    dark: `oklch(${LIGHTNESS.dark[shade]} 0.12 ${hue})`,
  };
}
