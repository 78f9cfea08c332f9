// Elements without a line of HTML: every text goes in as text, so nothing in it can become part of the page.

import { escapeControls } from '../terminal/escape.js';

export type Child = Node | string | undefined;

/** An element with attributes and children; undefined children are left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  fill(made, children);
  return made;
}

/** Puts these children in the place of those that were there. */
export function fill(parent: Element, children: readonly Child[]): void {
  parent.replaceChildren(
    ...children
      .filter((child) => child !== undefined)
      .map((child) => (typeof child === 'string' ? escapeControls(child) : child)),
  );
}

export function button(text: string, title: string, press: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', title }, text);
  made.addEventListener('click', press);
  return made;
}
