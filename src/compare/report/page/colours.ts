// The colours of the page's canvases, for a light and a dark room. Text on them has a contrast of 4.5 or more.

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
  readonly connections: readonly string[];
  readonly curves: readonly string[];
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
  connections: [
    '#1f5fbf',
    '#b3470b',
    '#1b7a3d',
    '#8e2f8e',
    '#0b6f82',
    '#8a5a00',
    '#c2255c',
    '#4b4fc4',
    '#566400',
    '#9c3030',
  ],
  curves: ['#8e2f8e', '#b3470b', '#1f5fbf', '#1b7a3d'],
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
  connections: [
    '#74adff',
    '#ff9e64',
    '#5fd38a',
    '#d993f2',
    '#4fd1e0',
    '#e8c35a',
    '#ff8fb3',
    '#a9acff',
    '#c0d05a',
    '#f39185',
  ],
  curves: ['#d993f2', '#ff9e64', '#74adff', '#5fd38a'],
};

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const listeners: (() => void)[] = [];
let printing = false;

export const isDark = (): boolean => {
  const { theme } = document.documentElement.dataset;
  return !printing && (theme === undefined ? prefersDark.matches : theme === 'dark');
};

export const palette = (): Palette => (isDark() ? DARK : LIGHT);

/** A connection keeps its colour, in every lane and every server. */
export const connectionColour = ({ connections }: Palette, id: number): string =>
  connections[(id - 1) % connections.length]!;

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
