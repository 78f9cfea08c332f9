// `compare --report`: a comparison as one page that needs no network. The data goes in as JSON; the page's own script,
// bundled from src/page by the build, draws it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import type { EmbeddedRecording } from '../../live/recording-data.js';
import { sourceLinesFor } from '../../live/source-lines.js';
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

/** A page that plays: a recording that is in it, or servers whose stream it reads from where it comes from. */
export function playerPage(
  title: string,
  recording: EmbeddedRecording | undefined,
  models: readonly string[] = recording?.servers.map(({ mode }) => mode) ?? [],
): string {
  return htmlOf(
    title,
    'player-page.js',
    { recording: recording && packed(recording), source: sourceLinesFor(models) },
    recording === undefined ? "; connect-src 'self'" : '',
  );
}

/** A fifth of the JSON: gzip, in characters that a page can hold. */
const packed = (recording: EmbeddedRecording): string =>
  gzipSync(JSON.stringify(recording), { level: constants.Z_BEST_COMPRESSION }).toString('base64');

function pageOf(data: ReportData | SweepData, scriptName: string): string {
  return htmlOf('evented-demo compare', scriptName, { comparison: data });
}

/** The whole page. It may run its own script and load nothing. */
function htmlOf(
  title: string,
  scriptName: string,
  /** By the id of its element. */
  data: Readonly<Record<string, unknown>>,
  mayConnect = '',
): string {
  const script = asset(scriptName);
  const style = asset('page.css');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${REPORT_MARK}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'${mayConnect}">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main id="page"><noscript>This page draws itself with a script of its own, and scripts are turned off.</noscript></main>
${Object.entries(data)
  .map(
    ([id, each]) =>
      `<script type="application/json" id="${id}">${each === undefined ? '' : scriptSafe(each)}</script>`,
  )
  .join('\n')}
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that means the same, and in which nothing can end or open a script element (HTML, 4.12.1.3). */
function scriptSafe(data: unknown): string {
  return escapeControls(JSON.stringify(data)).replaceAll('<', '\\u003c');
}

const escapeHtml = (text: string): string =>
  escapeControls(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function asset(name: string): string {
  return readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8').trim();
}

/** As a Content-Security-Policy names an element's text. */
function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
