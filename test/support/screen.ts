// What a terminal shows after it was given some text: xterm.js without a window is the witness.

import xterm from '@xterm/headless';

export interface ShownScreen {
  /** The rows on the screen, without blanks at their ends. */
  readonly rows: string[];
  /** What has scrolled out above them. */
  readonly scrolledOut: string[];
}

/** `texts`: before all but the first the terminal is given its new size. */
export async function shownBy(
  ...texts: readonly (readonly [text: string, columns: number, rows: number])[]
): Promise<ShownScreen> {
  const [, columns, rows] = texts[0]!;
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  for (const [text, width, height] of texts) {
    if (terminal.cols !== width || terminal.rows !== height) terminal.resize(width, height);
    await new Promise<void>((resolve) => terminal.write(text, resolve));
  }
  const { active } = terminal.buffer;
  const all = Array.from({ length: active.baseY + terminal.rows }, (_, i) =>
    active.getLine(i)!.translateToString(true).trimEnd(),
  );
  return { rows: all.slice(active.baseY), scrolledOut: all.slice(0, active.baseY) };
}
