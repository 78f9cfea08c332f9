// What a terminal can show, as far as its environment tells.

/** Its character set (locale(7)): in another one the blocks of a QR code would be other characters. */
export function hasUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
