// What the pictures have in common: SVG as text, light or dark as its reader's screen is, and safe whatever a recording
// has in it.

import type { Pair } from '../compare/report/connection-colours.js';
import { escapeControls } from '../terminal/escape.js';

export const INK: Pair = { light: '#15202b', dark: '#e8edf2' };
export const FAINT: Pair = { light: '#56616d', dark: '#9aa7b4' };
export const ASLEEP: Pair = { light: '#e9edf1', dark: '#1d2731' };
export const PAPER: Pair = { light: '#ffffff', dark: '#10161d' };

/** A property of all elements that a selector means: one value, or one for light paper and one for dark. */
export type StyleRule = readonly [selector: string, property: string, value: string | Pair];

const TEXT: readonly StyleRule[] = [
  ['text', 'font', '14px system-ui,-apple-system,"Segoe UI",sans-serif'],
  ['text', 'fill', INK],
  ['.title', 'font-size', '20px'],
  ['.title,.name', 'font-weight', '600'],
  ['.name', 'font-size', '17px'],
  ['.mono,.small', 'font', '13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace'],
  ['.small', 'font-size', '11px'],
  ['text.faint', 'fill', FAINT],
  ['.paper', 'fill', PAPER],
];

export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly rules: readonly StyleRule[];
  /** Elements, from the back to the front. */
  readonly elements: readonly string[];
}

/** The whole file. It has both colours of everything; it runs nothing and loads nothing. */
export function svgOf({ title, width, height, rules, elements }: Drawing): string {
  const all = [...TEXT, ...rules];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" role="img">
<title>${escapeXml(title)}</title>
<style>
:root{color-scheme:light dark}
${styles(all, 'light')}
@media (prefers-color-scheme:dark){
${styles(
  all.filter(([, , value]) => typeof value !== 'string'),
  'dark',
)}
}
</style>
<rect class="paper" width="100%" height="100%"/>
${elements.join('\n')}
</svg>
`;
}

const styles = (rules: readonly StyleRule[], theme: keyof Pair): string =>
  rules
    .map(([selector, property, value]) => {
      return `${selector}{${property}:${typeof value === 'string' ? value : value[theme]}}`;
    })
    .join('\n');

/** To a tenth of a pixel. */
export const round = (value: number): string => String(Math.round(value * 10) / 10);

/** XML cannot hold control characters, and half a pair of surrogates is no text at all. */
export const escapeXml = (text: string): string =>
  escapeControls(text)
    .replace(/\p{Surrogate}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export const rectAt = (kind: string, x: number, y: number, width: number, height: number, rx = 0): string =>
  `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${rx}"/>`;

export interface TextOptions {
  readonly kind?: string;
  readonly anchor?: 'middle' | 'end' | undefined;
}

export function textAt(x: number, y: number, text: string, { kind, anchor }: TextOptions = {}): string {
  const classes = kind === undefined ? '' : ` class="${kind}"`;
  const anchored = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text${classes} x="${round(x)}" y="${round(y)}"${anchored}>${escapeXml(text)}</text>`;
}
