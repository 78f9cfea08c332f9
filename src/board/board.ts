// Several servers on one screen: their panels beside each other where there is room, or below each other.

import type { ChalkInstance } from 'chalk';
import { escapeControls } from '../terminal/escape.js';
import type { Glyphs, TerminalSize } from '../terminal/terminal.js';
import { cut, padEnd, textWidth } from '../terminal/width.js';
import { type Followed, nameOfFollowed } from './followed.js';
import { type Panel, panelLines } from './panel.js';

/** A panel that is narrower than this cannot be read. */
const LEAST_WIDTH = 38;

export interface Frame {
  readonly title: string;
  /** Where we are and how it goes on. */
  readonly status: string;
  /** The moment that is shown, in microseconds; and how long what has changed stands out. */
  readonly now: number;
  readonly freshUs: number;
  readonly followed: Followed;
  /** What was typed of a name so far; undefined where none is being typed. */
  readonly typed?: string | undefined;
  /** Whether the threads can be stopped before their steps. */
  readonly steps?: boolean;
}

const KEYS = 'space freeze  ← → event  p n chapter  + - speed  0-9 f follow  l lines  ? keys';

const STEP_KEYS = 'tab thread  s step  c go on  space freeze  ← → event  + - pace  ? keys';

const STEP_HELP = [
  'tab, arrow up or down',
  '           select one of the threads that have stopped before a step',
  's Enter    the selected thread makes its step; or all stop again after c',
  'c          all threads go on by themselves',
];

export const HELP = [
  'space      freeze the picture, or let it go on',
  'left right one event back, one event on (shift or page keys: 20 events)',
  'p n        the last moment worth a look, the next one',
  '+ -        faster, slower',
  '0-9        follow the connection with this id; 0 or Escape follows none',
  'f          follow the client with a name, which you type; Enter ends it',
  'l          lines in place of the picture, and back',
  'q Ctrl-C   quit',
];

const namePrompt = (typed: string): string =>
  `Follow the client with the name: ${escapeControls(typed)}_   Enter keeps it, Escape follows nobody`;

/** Exactly as many lines as the terminal has. */
export function boardLines(
  chalk: ChalkInstance,
  glyphs: Glyphs,
  size: TerminalSize,
  panels: readonly Panel[],
  frame: Frame,
  help: boolean,
): string[] {
  const columns = size.columns - 1; // what wipes the rest of a line would wipe a character in the last column
  const { rows } = size;
  const head = headLine(chalk, frame, columns);
  const keys = frame.typed === undefined ? (frame.steps ? STEP_KEYS : KEYS) : namePrompt(frame.typed);
  const foot = chalk.dim(cut(glyphs.dot === '·' ? keys : keys.replace('← →', '< >'), columns));
  const room = rows - 2;
  const body = help
    ? [...(frame.steps ? STEP_HELP : []), ...HELP].map((line) => cut(`  ${line}`, columns))
    : arranged(chalk, glyphs, columns, room, panels, frame);
  return [head, ...Array.from({ length: room }, (_, i) => body[i] ?? ''), foot];
}

function headLine(chalk: ChalkInstance, { title, status, followed }: Frame, columns: number): string {
  const what =
    followed === undefined ? status : `${status} · follows ${escapeControls(nameOfFollowed(followed))}`;
  const right = cut(what, columns);
  const left = cut(title, Math.max(0, columns - textWidth(right) - 2));
  return chalk.bold(padEnd(left, columns - textWidth(right))) + chalk.yellow(right);
}

function arranged(
  chalk: ChalkInstance,
  glyphs: Glyphs,
  columns: number,
  rows: number,
  panels: readonly Panel[],
  frame: Frame,
): string[] {
  const across = acrossFor(panels.length, columns);
  const down = Math.ceil(panels.length / across);
  const width = Math.floor((columns - (across - 1) * 3) / across);
  const height = Math.floor((rows - (down - 1)) / down);
  const gap = chalk.dim(` ${glyphs.vertical} `);
  const lines: string[] = [];
  for (let row = 0; row < down; row++) {
    if (row > 0) lines.push(chalk.dim(glyphs.horizontal.repeat(columns)));
    const beside = panels
      .slice(row * across, (row + 1) * across)
      .map((panel) => panelLines(chalk, panel, { width, height, ...frame }));
    for (let i = 0; i < height; i++) lines.push(beside.map((panel) => panel[i]!).join(gap));
  }
  return lines;
}

/** As many beside each other as have room, so that all rows are full where that can be: four are two by two. */
function acrossFor(panels: number, columns: number): number {
  const most = Math.max(1, Math.min(panels, Math.floor((columns + 3) / (LEAST_WIDTH + 3))));
  return Math.ceil(panels / Math.ceil(panels / most));
}
