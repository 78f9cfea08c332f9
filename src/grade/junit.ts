// The result as JUnit XML, which GitHub, GitLab and Jenkins read. What a server sent or printed is somebody else's text.

import { escapeControls } from '../terminal/escape.js';
import { type CheckResult, countOf, explanation, type Result, secondsOf } from './result.js';

export function junitXml(result: Result): string {
  const { title, checks } = result;
  const totals = attributes({
    name: title,
    tests: checks.length,
    failures: countOf(result, 'failed'),
    errors: countOf(result, 'not run'),
    skipped: countOf(result, 'skipped'),
    time: seconds(secondsOf(result)),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${totals}>`,
    ...checks.flatMap((each) => testCase(title, each)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ELEMENTS = { failed: 'failure', 'not run': 'error', skipped: 'skipped' };

function testCase(title: string, check: CheckResult): string[] {
  const { name, status } = check;
  const head = `    <testcase${attributes({ classname: title, name, time: seconds(check.seconds) })}`;
  if (status === 'passed') return [`${head}/>`];
  const lines = explanation(check);
  const element = ELEMENTS[status];
  const message = attributes({ message: lines[0] ?? status });
  return [
    `${head}>`,
    `      <${element}${message}>${escapeXml(lines.join('\n'))}</${element}>`,
    '    </testcase>',
  ];
}

const seconds = (value: number): string => value.toFixed(3);

const attributes = (all: Readonly<Record<string, string | number>>): string =>
  Object.entries(all)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 allows no control characters, no half of a surrogate pair and no U+FFFE or U+FFFF, not even escaped. */
const escapeXml = (text: string): string =>
  text
    .split('\n')
    .map(escapeControls)
    .join('\n')
    .replace(/\p{Surrogate}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (each) => ENTITIES[each]!);
