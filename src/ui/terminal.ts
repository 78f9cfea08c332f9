// What a terminal can show, as far as it and its environment tell.

/** Its character set (locale(7)): in another one the blocks of a QR code would be other characters. */
export function hasUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

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
