// Figures as text: medians, and tables in plain columns of no more than 100 characters.

/** The median of the numbers that there are; undefined where there is none. */
export function median(/** @type {(number | undefined)[]} */ values) {
  const numbers = values.filter((each) => each !== undefined && !Number.isNaN(each)).map(Number);
  numbers.sort((a, b) => a - b);
  const middle = numbers.length >> 1;
  if (numbers.length === 0) return undefined;
  return numbers.length % 2 === 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

export function percentile(/** @type {ArrayLike<number>} */ sorted, /** @type {number} */ share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Three digits that matter: 0.123, 12.3, 12,345. */
export function figure(/** @type {number | undefined} */ value, unit = '') {
  if (value === undefined || !Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? text : `${text} ${unit}`;
}

export const whole = (/** @type {number | undefined} */ value) =>
  value === undefined ? '-' : Math.round(value).toLocaleString('en');

export const ratio = (/** @type {number | undefined} */ value) =>
  value === undefined || !Number.isFinite(value) ? '-' : `${value.toFixed(2)} x`;

export const megabytes = (/** @type {number | undefined} */ bytes) =>
  value(bytes, (each) => `${figure(each / 1024 ** 2)} MiB`);

const value = (/** @type {number | undefined} */ number, /** @type {(number: number) => string} */ as) =>
  number === undefined ? '-' : as(number);

/** The first column stands left, the others right. A heading may have several lines. */
export function table(/** @type {string[]} */ headings, /** @type {string[][]} */ rows) {
  const split = headings.map((heading) => heading.split('\n'));
  const height = Math.max(...split.map((lines) => lines.length));
  const head = Array.from({ length: height }, (_, i) =>
    split.map((lines) => lines[i - height + lines.length] ?? ''),
  );
  const widths = headings.map((_, column) =>
    Math.max(...[...head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [...head.map(line), rule, ...rows.map(line)].join('\n');
}

/** What is being done, on one line of a terminal that the next takes over. */
export function progress(/** @type {string} */ text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
