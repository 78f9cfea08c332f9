// Makes text safe to print: nothing that the network sent can control the terminal.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const EVERY_CONTROL = new RegExp(CONTROLS, 'g');

/** Control characters, including C1 and bidirectional ones, as `\u001b`: in JSON text that means the same. */
export function escapeControls(text: string): string {
  if (!CONTROLS.test(text)) return text;
  return text.replace(EVERY_CONTROL, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
