// The result as lines for a person: one for each check, and below it why it did not pass.

import type { ChalkInstance } from 'chalk';
import { escapeControls } from '../terminal/escape.js';
import { count } from '../terminal/quantities.js';
import { cut, padEnd, wrap } from '../terminal/width.js';
import { type CheckResult, countOf, explanation, mostOf, pointsOf, type Result } from './result.js';

const INDENT = '          ';
const BEGIN_WITH_THE_FIRST = 'Begin with the first that failed: others may fail for the same reason.\n';

export function checkLines(chalk: ChalkInstance, check: CheckResult, columns: number): string {
  const { status, points, most, name, title, hidden, asFirst } = check;
  const word = { passed: chalk.green, failed: chalk.red, 'not run': chalk.yellow, skipped: chalk.dim }[
    status
  ];
  const score = status === 'skipped' ? '' : `${points} of ${most}`;
  const head = `${word(status.padEnd(8))}${score.padStart(10)}  `;
  const first = cut(`${head}${padEnd(escapeControls(name), 14)}${hidden ? 'hidden' : title}`, columns);
  const below = (asFirst ? [] : explanation(check)).flatMap((line) =>
    wrap(escapeControls(line), columns - INDENT.length).map((part) => `${INDENT}${part}`),
  );
  return [first, ...below].map((line) => `${line}\n`).join('');
}

export function totalLine(chalk: ChalkInstance, result: Result): string {
  const others = (['failed', 'not run', 'skipped'] as const)
    .filter((status) => countOf(result, status) > 0)
    .map((status) => `, ${countOf(result, status)} ${status}`);
  const total = `${pointsOf(result)} of ${count(mostOf(result), 'point')}`;
  const first = countOf(result, 'failed') > 1 ? BEGIN_WITH_THE_FIRST : '';
  return `\n${chalk.bold(total)}: ${countOf(result, 'passed')} passed${others.join('')}\n${first}`;
}
