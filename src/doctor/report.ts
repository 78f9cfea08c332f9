// The findings as text: a line for each with its status, and below it what to do where it is not ok.

import type { ChalkInstance } from 'chalk';
import { escapeControls } from '../terminal/escape.js';
import { count } from '../terminal/quantities.js';
import { wrap } from '../terminal/width.js';
import type { Finding, FindingStatus } from './finding.js';

const STATUSES: readonly FindingStatus[] = ['failing', 'warning', 'ok'];
const STATUS_WIDTH = 'failing'.length;

/** The worst of them. */
export function worstStatus(findings: readonly Finding[]): FindingStatus {
  return STATUSES.find((status) => findings.some((finding) => finding.status === status)) ?? 'ok';
}

/** One JSON object in one line. */
export function reportJson(findings: readonly Finding[]): string {
  return `${escapeControls(JSON.stringify({ status: worstStatus(findings), checks: findings }))}\n`;
}

/** No line is wider than `columns`. */
export function reportText(chalk: ChalkInstance, findings: readonly Finding[], columns: number): string {
  const colour = { ok: chalk.green, warning: chalk.yellow, failing: chalk.red.bold };
  const nameWidth = Math.max(...findings.map(({ check }) => check.length));
  const indent = 2 + STATUS_WIDTH + 2 + nameWidth + 2;
  const below = `\n${' '.repeat(indent)}`;
  const told = findings.map(({ check, status, found, advice }) => {
    const head = `  ${colour[status](status.padEnd(STATUS_WIDTH))}  ${chalk.bold(check.padEnd(nameWidth))}  `;
    const what = lines(found, columns - indent).join(below);
    if (advice === undefined) return head + what;
    const [first, ...more] = lines(advice, columns - indent - ARROW.length);
    return [
      head + what,
      chalk.cyan(ARROW) + first,
      ...more.map((line) => ' '.repeat(ARROW.length) + line),
    ].join(below);
  });
  return `${told.join('\n')}\n\n${chalk.bold(summary(findings))}\n`;
}

const ARROW = '-> ';

function summary(findings: readonly Finding[]): string {
  const number = (status: FindingStatus): number =>
    findings.filter((finding) => finding.status === status).length;
  const parts = [`${number('ok')} ok`];
  if (number('warning') > 0) parts.push(count(number('warning'), 'warning'));
  if (number('failing') > 0) parts.push(`${number('failing')} failing`);
  const words = {
    ok: 'ready for class',
    warning: 'ready for class, but see the warnings',
    failing: 'not ready',
  };
  return `${words[worstStatus(findings)]}: ${parts.join(', ')}`;
}

/** The whole text, however narrow the terminal. */
const lines = (text: string, width: number): string[] =>
  wrap(escapeControls(text), Math.max(20, width), Number.POSITIVE_INFINITY);
