// What a terminal can show, as far as it and its environment tell.

/** Its character set (locale(7)): in another one, what is drawn would be other characters. */
export function hasUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

/** What lines and bars are drawn with. */
export interface Glyphs {
  readonly horizontal: string;
  readonly vertical: string;
  /** On an axis: a mark on the vertical one, a mark on the horizontal one, and where they meet. */
  readonly tickLeft: string;
  readonly tickDown: string;
  readonly corner: string;
  readonly bar: string;
  /** A bar too short to see. */
  readonly sliver: string;
  readonly dot: string;
}

export const UNICODE: Glyphs = {
  horizontal: '─',
  vertical: '│',
  tickLeft: '┤',
  tickDown: '┬',
  corner: '└',
  bar: '█',
  sliver: '▏',
  dot: '·',
};

export const ASCII: Glyphs = {
  horizontal: '-',
  vertical: '|',
  tickLeft: '+',
  tickDown: '+',
  corner: '+',
  bar: '#',
  sliver: '|',
  dot: '.',
};

export const glyphsFor = (env: NodeJS.ProcessEnv): Glyphs => (hasUnicode(env) ? UNICODE : ASCII);

/** What a terminal has that does not say how large it is, as on a serial line. */
const USUAL = { columns: 80, rows: 24 };

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Undefined where the output goes to a file or a pipe. */
export function terminalSize({ isTTY, columns, rows }: NodeJS.WriteStream): TerminalSize | undefined {
  return isTTY ? { columns: columns || USUAL.columns, rows: rows || USUAL.rows } : undefined;
}

/** Whether what stands there can be drawn over. A dumb terminal (terminfo(5)) prints the escapes for that as text. */
export function canMoveCursor({ isTTY }: NodeJS.WriteStream, { TERM }: NodeJS.ProcessEnv): boolean {
  return isTTY && TERM !== 'dumb';
}

/** As programs behind a pipe are told it: COLUMNS (environ(7)). Undefined where that is no width. */
export function columnsOf({ COLUMNS }: NodeJS.ProcessEnv): number | undefined {
  return /^[1-9]\d*$/.test(COLUMNS ?? '') ? Number(COLUMNS) : undefined;
}
