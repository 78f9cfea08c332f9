// What a terminal can show, as far as it and its environment say.

/** Whether its character set is UTF-8 (locale(7)). In another one, other characters would appear. */
export function hasUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

/** The characters of lines and bars. */
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

/** For a terminal that does not say how large it is, as on a serial line. */
const USUAL = { columns: 80, rows: 24 };

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Undefined for a file or a pipe. */
export function terminalSize({ isTTY, columns, rows }: NodeJS.WriteStream): TerminalSize | undefined {
  return isTTY ? { columns: columns || USUAL.columns, rows: rows || USUAL.rows } : undefined;
}

/** Whether it can draw over what it shows. A dumb terminal (terminfo(5)) prints the escapes for that as text. */
export function canMoveCursor({ isTTY }: NodeJS.WriteStream, { TERM }: NodeJS.ProcessEnv): boolean {
  return isTTY && TERM !== 'dumb';
}

/** The width for a program in a pipe: COLUMNS (environ(7)). Undefined if that is no width. */
export function columnsOf({ COLUMNS }: NodeJS.ProcessEnv): number | undefined {
  return /^[1-9]\d*$/.test(COLUMNS ?? '') ? Number(COLUMNS) : undefined;
}
