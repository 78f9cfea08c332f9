// Which type a client prefers, by its Accept field: HTML, as a browser does, or plain text.
// Used by the handler, for /connection alone.

interface MediaRange {
  readonly name: string;
  readonly quality: number;
}

/**
 * Whether text/html is wanted more than text/plain. Of two ranges that match, the narrower one counts; a type that
 * is not named is not wanted, and without the field all types are equal (RFC 9110, section 12.5.1). Parameters other than
 * the quality are ignored.
 */
export function prefersHtml(accept: string): boolean {
  const ranges = accept.split(',').map(mediaRange);
  return quality(ranges, 'text/html') > quality(ranges, 'text/plain');
}

function quality(ranges: readonly MediaRange[], type: string): number {
  for (const name of [type, 'text/*', '*/*']) {
    const range = ranges.find((each) => each.name === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

/** `text/html;q=0.9`. An invalid quality counts as 1, as a missing one does. */
function mediaRange(element: string): MediaRange {
  const [name = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '';
  return { name, quality: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(given) ? Number(given) : 1 };
}
