// What a terminal can show, as far as it and its environment tell.

/** Its character set (locale(7)): in another one the blocks of a QR code would be other characters. */
export function hasUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

/** In columns: the terminal's; behind a pipe what COLUMNS says (environ(7)), as for ps; undefined where nobody says. */
export function widthOf(
  { isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
  { COLUMNS }: NodeJS.ProcessEnv,
): number | undefined {
  if (isTTY) return columns;
  return Number(COLUMNS) > 0 ? Number(COLUMNS) : undefined;
}
