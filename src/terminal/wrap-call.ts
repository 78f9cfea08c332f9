// A system call as strace writes it, over several rows of a terminal.
// A row ends after a comma, or between two flags where it must, and the last row always shows the result.

import { textWidth } from './width.js';

const STRING = String.raw`"(?:\\.|[^"\\])*"`;
/** An argument, or a member of a structure. A comma inside a string separates nothing. */
const PART = new RegExp(`(?:${STRING}|(?!, ).)+(?:, )?`, 'gs');
const CUT_STRING = new RegExp(`(${STRING})(?:\\.\\.\\.)?`, 's');
/** One character of a string, escaped or not. */
const CHARACTER = /\\(?:[0-7]{1,3}|x[0-9a-f]{2}|.)|[^\\]/gs;
const RESULT = /\) = [^=]*$/;

/** Rows of at most `width` columns, and at most `most` of them; `...` stands for the arguments that are left out. */
export function wrapCall(text: string, width: number, most: number): string[] {
  const rows: string[][] = [[]];
  for (const part of (text.match(PART) ?? []).flatMap((each) => fitting(each, width))) {
    if (!fits([...rows.at(-1)!, part], width)) rows.push([]);
    rows.at(-1)!.push(part);
  }
  if (rows.length <= most) return rows.map(joined);
  const end = `...${RESULT.exec(text)?.[0] ?? ''}`;
  const last = rows[most - 1]!;
  while (last.length > 0 && !fits([...last, end], width)) last.pop();
  return [...rows.slice(0, most - 1).map(joined), joined([...last, end])];
}

const joined = (parts: readonly string[]): string => parts.join('').trimEnd();
const fits = (parts: readonly string[], width: number): boolean => textWidth(joined(parts)) <= width;

/** A part that is longer than a row: flags are separated, a string is cut and marked as strace marks one. */
function fitting(part: string, width: number): string[] {
  if (fits([part], width)) return [part];
  const found = CUT_STRING.exec(part);
  if (found === null) return part.split(/(?<=\|)/);
  const [whole, quoted] = found;
  const around = joined([part]).length - whole.length + '""...'.length;
  let kept = '';
  for (const character of quoted!.slice(1, -1).match(CHARACTER) ?? []) {
    if (kept.length + character.length > width - around) break;
    kept += character;
  }
  return [part.replace(whole, () => `"${kept}"...`)];
}
