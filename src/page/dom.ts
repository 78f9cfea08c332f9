// Elements without a line of HTML: every text goes in as text, so nothing in it can become part of the page.

import { escapeControls } from '../terminal/escape.js';

export type Child = Node | string | undefined;

type Attributes = Readonly<Record<string, string>>;

/** An element with its attributes, if it has any, and its children; undefined children are left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  first?: Attributes | Child,
  ...rest: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  const isChild = first instanceof Node || typeof first !== 'object';
  if (!isChild) for (const [key, value] of Object.entries(first)) made.setAttribute(key, value);
  fill(made, isChild ? [first, ...rest] : rest);
  return made;
}

/** Puts these children in the place of those that were there. */
export function fill(parent: Element, children: readonly Child[]): void {
  parent.replaceChildren(...nodesOf(children));
}

/**
 * The same for what is drawn again and again: it keeps the elements, and changes what is new in them. A button that is made
 * anew between press and release is never clicked, and loses the focus.
 */
export function update(parent: Element, children: readonly Child[]): void {
  const [before, after] = [[...parent.childNodes], nodesOf(children)];
  for (const [i, next] of after.entries()) {
    const old = before[i];
    if (old === undefined) parent.append(next);
    else if (!old.isEqualNode(next)) become(old, next);
  }
  for (const old of before.slice(after.length)) old.remove();
}

function become(old: ChildNode, next: Node): void {
  if (!(old instanceof HTMLElement && next instanceof HTMLElement && old.nodeName === next.nodeName))
    return old.replaceWith(next);
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (name !== 'style') old.setAttribute(name, value);
  // The page's Content-Security-Policy lets a script set styles, but not the attribute.
  old.style.cssText = next.style.cssText;
  update(old, [...next.childNodes]);
}

const nodesOf = (children: readonly Child[]): Node[] =>
  children
    .filter((child) => child !== undefined)
    .map((child) => (typeof child === 'string' ? document.createTextNode(escapeControls(child)) : child));

export function note(text: string): HTMLElement {
  return element('p', { class: 'note' }, text);
}

/** The size of the page's letters, in CSS pixels. */
export const fontPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

export function button(text: string, title: string, press: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', title }, text);
  made.addEventListener('click', press);
  return made;
}
