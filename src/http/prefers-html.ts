// What a client would rather be sent, by its Accept field: HTML, as a browser would, or plain text.
// Used by the handler, for /connection alone.

interface MediaRange {
  readonly name: string;
  readonly quality: number;
}

/**
 * Whether text/html is wanted more than text/plain. Of two ranges that match, the narrower one counts; what is not named
 * is not wanted, and a client that says nothing wants all alike (RFC 9110, section 12.5.1). Parameters of a media type
 * other than its quality are passed over.
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

/** `text/html;q=0.9`. A quality that is none counts as 1, the quality of a range that has none. */
function mediaRange(element: string): MediaRange {
  const [name = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '';
  return { name, quality: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(given) ? Number(given) : 1 };
}
