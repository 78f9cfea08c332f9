// The text above and below the lines of a watched server: what runs, and in the end which model it followed.

import { basename } from 'node:path';
import type { ChalkInstance } from 'chalk';
import type { EventOf, LifecycleEvent, Listening } from '../../lifecycle/events.js';
import { isAny, urlOf } from '../../net/address.js';
import type { Target } from '../../sources/strace/watched-server.js';
import { escapeControls } from '../../terminal/escape.js';
import { cut, wrap } from '../../terminal/width.js';

/** What its events have said about the server: the model that it follows, and what is wrong. */
export class Findings {
  model: EventOf<'model-seen'> | undefined;
  readonly advice: EventOf<'advice'>[] = [];

  take(events: readonly LifecycleEvent[]): void {
    for (const event of events)
      if (event.event === 'model-seen') this.model = event;
      else if (event.event === 'advice') this.advice.push(event);
  }
}

/** Columns: behind it a board has the address and the pid. */
const LONGEST_NAME = 40;

export const targetName = (target: Target): string =>
  'pid' in target ? `pid ${target.pid}` : cut(escapeControls(shortened(target.command)), LONGEST_NAME);

const shortened = ([program = '', ...args]: readonly string[]): string =>
  [basename(program), ...args].join(' ');

export function watchHeader(
  chalk: ChalkInstance,
  target: Target,
  { address, port, pid }: Listening,
  model: Findings['model'],
): string {
  const own = isAny(address) ? '127.0.0.1' : address;
  const rows: [string, string][] = [
    ['open', urlOf({ address: own, port })],
    ['runs', `under strace, which makes every system call slower; pid ${pid}`],
    ...modelRows(model),
    ['stop', 'pid' in target ? 'Ctrl-C; the server continues' : 'Ctrl-C'],
  ];
  const lines = rows.map(([name, text]) => `  ${chalk.dim(name.padEnd(8))} ${text}`);
  return [chalk.bold(`evented-demo watches ${targetName(target)}`), ...lines, '', ''].join('\n');
}

/** Of the second column of the header: with the first it fits 80 columns. */
const TEXT_WIDTH = 68;

const modelRows = (model: Findings['model']): [string, string][] =>
  model === undefined
    ? []
    : [
        ['model', model.model],
        ...wrap(model.because, TEXT_WIDTH).map((line): [string, string] => ['', line]),
      ];

const INDENT = '  ';

/** Below the totals: the model, and once more what is wrong. `columns`: where a terminal has so many. */
export function modelAndAdvice(
  chalk: ChalkInstance,
  { model, advice }: Findings,
  columns = Number.POSITIVE_INFINITY,
): string {
  const texts =
    model === undefined
      ? ['It served no connection, so its model is not known.']
      : [chalk.bold(`model: ${model.model}`), model.because];
  for (const { happened, page } of advice)
    texts.push(`${chalk.bold('advice:')} ${escapeControls(`${happened}. See ${page}.`)}`);
  return texts
    .flatMap((text) => wrap(text, Math.max(1, columns - INDENT.length)))
    .map((line) => `${INDENT}${line}\n`)
    .join('');
}
