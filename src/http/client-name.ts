// The name that a client gives itself, in a query such as /connection?name=Ada: so that a class can find her connections.
// Whoever sends it chooses it, so it is short, on one line, and nothing but text to whatever shows it.

/** In characters. */
export const LONGEST_NAME = 24;

/** Undefined where the request has none. */
export function clientName(target: string): string | undefined {
  const query = target.indexOf('?');
  if (query < 0 || !target.includes('name=', query)) return undefined;
  const given = new URLSearchParams(target.slice(query + 1)).get('name') ?? '';
  const oneLine = given
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  const name = [...oneLine].slice(0, LONGEST_NAME).join('').trim();
  return name === '' ? undefined : name;
}
