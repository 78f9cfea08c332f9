// The colours of the page's canvases, for a light and a dark room. Text on them has a contrast of 4.5 or more.

import type { Pair } from '../compare/report/connection-colours.js';

export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
  /** A lane in which nothing is drawn yet, while its thread is there. */
  readonly ground: string;
  /** Text on a solid colour. */
  readonly onSolid: string;
  /** Work, or sleep, for nobody in particular. */
  readonly nobody: string;
  readonly mark: string;
  /** Where a connection waits and no server knows of it. */
  readonly waiting: string;
}

const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#15202b',
  faint: '#56616d',
  grid: '#dde3e9',
  ground: '#eaebed',
  onSolid: '#ffffff',
  nobody: '#4a5562',
  mark: '#a8206a',
  waiting: '#e0a11b',
};

const DARK: Palette = {
  paper: '#10161d',
  ink: '#e8edf2',
  faint: '#9aa7b4',
  grid: '#2a343f',
  ground: '#222931',
  onSolid: '#0c1117',
  nobody: '#a9b6c3',
  mark: '#ff8ac4',
  waiting: '#8f6a17',
};

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const listeners: (() => void)[] = [];
let printing = false;

export const isDark = (): boolean => {
  const { theme } = document.documentElement.dataset;
  return !printing && (theme === undefined ? prefersDark.matches : theme === 'dark');
};

export const palette = (): Palette => (isDark() ? DARK : LIGHT);

export const colourOf = ({ light, dark }: Pair): string => (isDark() ? dark : light);

/** For a style sheet, which follows the theme by itself; the colours of the canvases are the same. */
export const cssColour = ({ light, dark }: Pair): string => `light-dark(${light}, ${dark})`;

/** An element on a ground of this colour. */
export function painted<E extends HTMLElement>(made: E, colour: Pair): E {
  made.style.backgroundColor = cssColour(colour);
  return made;
}

/** The other of light and dark, whatever the browser prefers. */
export function switchTheme(): void {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  tellListeners();
}

/** Paper is light. */
export function followTheme(listener: () => void): void {
  listeners.push(listener);
}

function tellListeners(): void {
  for (const listener of listeners) listener();
}

prefersDark.addEventListener('change', tellListeners);
for (const [name, now] of [
  ['beforeprint', true],
  ['afterprint', false],
] as const) {
  addEventListener(name, () => {
    printing = now;
    tellListeners();
  });
}
