// `compare --report`: a comparison as one page that needs no network. The data goes in as JSON; the page's own script,
// bundled from src/page by the build, draws it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { escapeControls } from '../../terminal/escape.js';
import type { Comparison } from '../comparison.js';
import type { Sweep } from '../sweep/result.js';

/** How an earlier report is known again. */
export const REPORT_MARK = '<meta name="generator" content="evented-demo compare">';

/** A comparison, and the command that gave it. */
export type ReportData = Comparison & { readonly command?: string };

/** A sweep, and the command that gave it. */
export type SweepData = Sweep & { readonly command?: string };

export function reportPage(comparison: Comparison, command?: string): string {
  return pageOf(command === undefined ? comparison : { ...comparison, command }, 'page.js');
}

export function sweepPage(sweep: Sweep, command?: string): string {
  return pageOf(command === undefined ? sweep : { ...sweep, command }, 'sweep-page.js');
}

/** The whole page. It may run its own script and load nothing. */
function pageOf(data: ReportData | SweepData, scriptName: string): string {
  const script = asset(scriptName);
  const style = asset('page.css');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${REPORT_MARK}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'">
<meta name="viewport" content="width=device-width">
<title>evented-demo compare</title>
<style>${style}</style>
</head>
<body>
<main id="page"><noscript>This page draws itself with a script of its own, and scripts are turned off.</noscript></main>
<script type="application/json" id="comparison">${scriptSafe(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that means the same, and in which nothing can end or open a script element (HTML, 4.12.1.3). */
function scriptSafe(data: ReportData | SweepData): string {
  return escapeControls(JSON.stringify(data)).replaceAll('<', '\\u003c');
}

function asset(name: string): string {
  return readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8').trim();
}

/** As a Content-Security-Policy names an element's text. */
function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
