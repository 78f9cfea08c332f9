// The text above and below the lines of a watched server: what runs, and in the end which model it followed.

import { basename } from 'node:path';
import type { ChalkInstance } from 'chalk';
import type { EventOf, Listening } from '../../lifecycle/events.js';
import { isAny, urlOf } from '../../net/address.js';
import type { Target } from '../../sources/strace/watched-server.js';
import { escapeControls } from '../../terminal/escape.js';
import { cut, wrap } from '../../terminal/width.js';

export type Model = EventOf<'model-seen'>;
export type Advice = EventOf<'advice'>;

/** Columns: behind it a board has the address and the pid. */
const LONGEST_NAME = 40;

export const nameOf = (target: Target): string =>
  'pid' in target ? `pid ${target.pid}` : cut(escapeControls(shortened(target.command)), LONGEST_NAME);

const shortened = ([program = '', ...args]: readonly string[]): string =>
  [basename(program), ...args].join(' ');

export function header(
  chalk: ChalkInstance,
  target: Target,
  { address, port, pid }: Listening,
  model: Model | undefined,
): string {
  const own = isAny(address) ? '127.0.0.1' : address;
  const rows: [string, string][] = [
    ['open', urlOf({ address: own, port })],
    ['runs', `under strace, which makes every system call slower; pid ${pid}`],
    ...(model === undefined ? [] : modelRows(model)),
    ['stop', 'pid' in target ? 'Ctrl-C; the server continues' : 'Ctrl-C'],
  ];
  const lines = rows.map(([name, text]) => `  ${chalk.dim(name.padEnd(8))} ${text}`);
  return [chalk.bold(`evented-demo watches ${nameOf(target)}`), ...lines, '', ''].join('\n');
}

/** Of the second column of the header: with the first it fits 80 columns. */
const TEXT_WIDTH = 68;

const modelRows = ({ model, because }: Model): [string, string][] => [
  ['model', model],
  ...wrap(because, TEXT_WIDTH).map((line): [string, string] => ['', line]),
];

/** Below the totals: the model, and once more what is wrong. `columns`: where a terminal has so many. */
export function verdict(
  chalk: ChalkInstance,
  model: Model | undefined,
  found: readonly Advice[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const indented = (text: string): string =>
    wrap(text, Math.max(1, columns - INDENT.length))
      .map((line) => `${INDENT}${line}\n`)
      .join('');
  const advice = found
    .map((each) => indented(`${chalk.bold('advice:')} ${escapeControls(inShort(each))}`))
    .join('');
  if (model === undefined) return indented('It served no connection, so its model is not known.') + advice;
  return indented(chalk.bold(`model: ${model.model}`)) + indented(model.because) + advice;
}

const INDENT = '  ';

const inShort = ({ happened, page }: Advice): string => `${happened}. See ${page}.`;
