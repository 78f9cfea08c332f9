// The result as Gradescope reads it: results.json of its autograder specification.

import { escapeControls } from '../terminal/escape.js';
import { explanation, pointsOf, type Result, secondsOf } from './result.js';

export function resultsJson(result: Result): string {
  const tests = result.checks
    .filter(({ status }) => status !== 'skipped')
    .map((each, i) => ({
      name: `${each.name}: ${each.hidden ? 'hidden' : each.title}`,
      number: String(i + 1),
      score: each.points,
      max_score: each.most,
      // Gradescope knows no third status: what was not run has not passed.
      status: each.status === 'passed' ? 'passed' : 'failed',
      output: explanation(each).map(escapeControls).join('\n'),
      output_format: 'text',
      visibility: each.hidden ? 'hidden' : 'visible',
    }));
  return `${JSON.stringify(
    {
      score: pointsOf(result),
      execution_time: Math.round(secondsOf(result)),
      output: escapeControls(result.title),
      output_format: 'text',
      visibility: 'visible',
      tests,
    },
    null,
    2,
  )}\n`;
}
