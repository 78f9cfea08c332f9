// Memory in few digits, for figures that lie far apart.

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** `734 bytes`, `7.6 MB`, `11.3 GB`; a KB is 1,024 bytes, as everywhere in this program. */
export function memoryText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(1, bytes)) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 99.95 ? Math.round(value).toLocaleString('en') : value.toFixed(1)} ${UNITS[power]}`;
}
