// The keys of the board, from what a terminal in raw mode sends.

/** A key by its name, or the character itself. */
export type Key =
  | 'up'
  | 'down'
  | 'tab'
  | 'enter'
  | 'backspace'
  | 'left'
  | 'right'
  | 'page-left'
  | 'page-right'
  | 'escape'
  | 'ctrl-c'
  | (string & {});

const SEQUENCES: Readonly<Record<string, Key>> = {
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b[D': 'left',
  '\x1b[C': 'right',
  '\x1bOD': 'left',
  '\x1bOC': 'right',
  '\x1b[1;2D': 'page-left',
  '\x1b[1;2C': 'page-right',
  '\x1b[5~': 'page-left',
  '\x1b[6~': 'page-right',
  '\x1b': 'escape',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-c',
};

/** What was typed at once. A sequence that is not known is no key. */
export function keysOf(text: string): Key[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what terminals send for keys
  const pieces = text.match(/\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Z])|[\s\S]/g) ?? [];
  return pieces.map((each) => SEQUENCES[each] ?? each).filter((each) => !each.startsWith('\x1b'));
}
