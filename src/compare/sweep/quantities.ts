// What a sweep's figures look like in text: memory in few digits, for figures that lie far apart, and caps with their why.

import { count, number } from '../../terminal/quantities.js';
import type { Cap } from './result.js';

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** `734 bytes`, `7.6 MB`, `11.3 GB`; a KB is 1,024 bytes, as everywhere in this program. */
export function memoryText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(1, bytes)) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 99.95 ? number(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `up to 1,300 connections, because ...`, `up to 10,000 connections, as asked`, `none, because ...`. */
export function capSentence({ connections, reason }: Cap): string {
  const most = connections === 0 ? 'none' : `up to ${count(connections, 'connection')}`;
  return `${most}, ${reason === undefined ? 'as asked' : `because ${reason}`}`;
}
